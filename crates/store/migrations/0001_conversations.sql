-- One text for SQLite and PostgreSQL: TEXT, BIGINT (milliseconds, counters), nothing else.

-- A conversation: v12's dialog session and the bot's knowledge of its user, in one row that a
-- turn writes once. When the session ends its columns become NULL; the row stays.
CREATE TABLE conversation (
    id TEXT NOT NULL PRIMARY KEY,
    bot_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    thread_id TEXT,
    created_on BIGINT NOT NULL,
    last_seen_on BIGINT NOT NULL,
    turns BIGINT NOT NULL,
    -- Counts every change of the state: by turns and by the end of a session.
    version BIGINT NOT NULL,
    -- The newest turn; the others hang on it, each on the next (see turn.previous).
    last_turn TEXT NOT NULL,
    -- When the janitor must look at this row; never later than the first of the two expiries, often
    -- earlier: turns that move the expiries leave it alone, so that they need not write its index.
    check_on BIGINT,
    context_expiry BIGINT,
    session_expiry BIGINT,
    session TEXT,
    context TEXT,
    temp TEXT
);
CREATE INDEX conversation_check_on ON conversation (check_on) WHERE check_on IS NOT NULL;

-- A chat user's attributes, shared by all bots.
CREATE TABLE chat_user (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    attributes TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    modified_on BIGINT NOT NULL,
    PRIMARY KEY (channel, user_id)
);

-- One turn, one row: the message, its replies and the trace stand or fall together.
CREATE TABLE turn (
    id TEXT NOT NULL PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    received_on BIGINT NOT NULL,
    finished_on BIGINT NOT NULL,
    -- NULL when the bot spoke first.
    incoming TEXT,
    replies TEXT NOT NULL,
    trace TEXT NOT NULL,
    -- The conversation's turn before this one. An index over conversations would have to be written
    -- at a place of its own for every turn, which doubles what a turn costs; ids come in order.
    previous TEXT
);

-- A bot's key-value memory.
CREATE TABLE memory (
    bot_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_on BIGINT,
    PRIMARY KEY (bot_id, key)
);

-- Which turn answered a request that carried an idempotency key.
CREATE TABLE idempotency (
    bot_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    PRIMARY KEY (bot_id, channel, user_id, key)
);
CREATE INDEX idempotency_created_on ON idempotency (created_on);

-- Attributes of chat users that must be forgotten at a set time.
CREATE TABLE user_retention (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    field_path TEXT NOT NULL,
    expires_on BIGINT NOT NULL,
    PRIMARY KEY (channel, user_id, field_path)
);
CREATE INDEX user_retention_expires_on ON user_retention (expires_on);

-- Written to find out whether the database takes writes again after it refused them. The padding is
-- there so that a disk with room for a few bytes, but for no turn, is still full.
CREATE TABLE write_probe (
    id BIGINT NOT NULL PRIMARY KEY,
    probed BIGINT NOT NULL,
    padding TEXT NOT NULL
);
INSERT INTO write_probe (id, probed, padding) VALUES (1, 0, '');
