-- Those who log in, what they may, and what they did. One text for SQLite and PostgreSQL.

-- A collaborator. Truth values are 0 or 1.
CREATE TABLE account (
    email TEXT NOT NULL,
    strategy TEXT NOT NULL,
    password TEXT NOT NULL,
    super_admin BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    token_version BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    last_failure_on BIGINT,
    locked_until BIGINT,
    password_changed_on BIGINT NOT NULL,
    password_expired BIGINT NOT NULL,
    last_login_on BIGINT,
    created_on BIGINT NOT NULL,
    PRIMARY KEY (email, strategy)
);

-- Which role an account has in which workspace.
CREATE TABLE membership (
    email TEXT NOT NULL,
    strategy TEXT NOT NULL,
    workspace TEXT NOT NULL,
    role TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    PRIMARY KEY (email, strategy, workspace)
);
CREATE INDEX membership_workspace ON membership (workspace);

-- Keys for programs. The key itself is not kept, only its hash. Lists are JSON arrays.
CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    strategy TEXT NOT NULL,
    scopes TEXT NOT NULL,
    bots TEXT,
    workspace TEXT,
    created_on BIGINT NOT NULL,
    expires_on BIGINT,
    last_used_on BIGINT,
    revoked_on BIGINT,
    rate_limit BIGINT
);
CREATE INDEX api_key_owner ON api_key (email, strategy);

-- What the server has to remember of itself.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- What was done to the server, each entry chained to the one before it. Rows are only ever added. No
-- trigger says so: the engines have no common text for one, and whoever may change rows may drop it.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    happened_on BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before_hash TEXT,
    after_hash TEXT,
    address TEXT NOT NULL,
    result BIGINT NOT NULL,
    request_id TEXT NOT NULL,
    note TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
