-- Chat users' attributes belong to one bot. One text for SQLite and PostgreSQL.

-- User ids are chosen by callers, and bots of one server may belong to different people: what one bot
-- learns of its user is not for the others. Until now all bots shared one row.
CREATE TABLE bot_user (
    bot_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    attributes TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    modified_on BIGINT NOT NULL,
    PRIMARY KEY (bot_id, channel, user_id)
);
INSERT INTO bot_user (bot_id, channel, user_id, attributes, created_on, modified_on)
SELECT DISTINCT conversation.bot_id, chat_user.channel, chat_user.user_id, chat_user.attributes,
    chat_user.created_on, chat_user.modified_on
FROM chat_user JOIN conversation
    ON conversation.user_id = chat_user.user_id AND conversation.channel = chat_user.channel;
DROP TABLE chat_user;

-- Attributes that must be forgotten at a set time.
CREATE TABLE bot_user_retention (
    bot_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    field_path TEXT NOT NULL,
    expires_on BIGINT NOT NULL,
    PRIMARY KEY (bot_id, channel, user_id, field_path)
);
CREATE INDEX bot_user_retention_expires_on ON bot_user_retention (expires_on);
INSERT INTO bot_user_retention (bot_id, channel, user_id, field_path, expires_on)
SELECT bot_user.bot_id, bot_user.channel, bot_user.user_id, user_retention.field_path,
    user_retention.expires_on
FROM user_retention JOIN bot_user
    ON bot_user.user_id = user_retention.user_id AND bot_user.channel = user_retention.channel;
DROP TABLE user_retention;
