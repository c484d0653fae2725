-- Conversations can be listed and forgotten. One text for SQLite and PostgreSQL.

-- When the conversation's newest session began. Lists go by this and not by last_seen_on, because an
-- index that every turn has to move makes a turn a good tenth dearer, and keeps PostgreSQL from
-- updating a row in place; this one moves once a session.
ALTER TABLE conversation ADD COLUMN session_on BIGINT NOT NULL DEFAULT 0;
UPDATE conversation SET session_on = last_seen_on;
CREATE INDEX conversation_session_on ON conversation (bot_id, session_on, id);
CREATE INDEX conversation_user ON conversation (user_id, channel);

-- Turns that no conversation leads to any more and that are to be deleted, each with all before it.
-- Nothing but ids: what they belonged to is gone already.
CREATE TABLE erasure (
    turn_id TEXT NOT NULL PRIMARY KEY
);
