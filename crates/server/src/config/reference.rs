//! All settings in one table: it names what the file may hold, and the documentation page is made
//! of it.

use std::fmt::Write as _;

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Path in `botpress.config.json`; `None` for what has no place there.
    pub key: Option<&'static str>,
    /// Flag of the command line.
    pub flag: Option<&'static str>,
    /// Environment variables, the first one winning. Settings with a key have `BP_CONFIG_<PATH>`
    /// besides.
    pub variables: &'static [&'static str],
    /// What holds when it is not set: for settings with a key as JSON, empty when nothing does.
    pub default: &'static str,
    /// What it does, in a line.
    pub meaning: &'static str,
}

impl Setting {
    const fn key(key: &'static str, default: &'static str, meaning: &'static str) -> Self {
        Self { key: Some(key), flag: None, variables: &[], default, meaning }
    }

    const fn flag(flag: &'static str, default: &'static str, meaning: &'static str) -> Self {
        Self { key: None, flag: Some(flag), variables: &[], default, meaning }
    }

    const fn variable(
        variables: &'static [&'static str],
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { key: None, flag: None, variables, default, meaning }
    }

    const fn or_flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn or_variables(self, variables: &'static [&'static str]) -> Self {
        Self { variables, ..self }
    }
}

/// Every setting, in the order of the documentation.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::flag("--data", "data", "The data directory: bots, configuration, database."),
    Setting::variable(
        &["DATABASE_URL"],
        "sqlite:<data>/storage/parlance.sqlite",
        "The database: `postgres://user:password@host/database`, `sqlite:path`, or a path.",
    )
    .or_flag("--database-url"),
    Setting::flag(
        "--log-format",
        "text; json in production",
        "Form of the log lines on standard error: `text` or `json`.",
    ),
    Setting::flag(
        "--log-level",
        "info",
        "`error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,sqlx=debug`.",
    ),
    Setting::variable(&["BP_PRODUCTION"], "false", "Production mode: log lines are JSON."),
    Setting::key(
        "httpServer.host",
        "\"127.0.0.1\"",
        "Address to listen on. `localhost` means this machine only (v12 listens on all \
         interfaces then); `0.0.0.0` opens the server to the network.",
    )
    .or_flag("--host")
    .or_variables(&["BP_HOST"]),
    Setting::key(
        "httpServer.port",
        "3000",
        "Port to listen on. A port that is taken is an error; 0 takes any free one.",
    )
    .or_flag("--port")
    .or_variables(&["BP_PORT", "PORT"]),
    Setting::key(
        "httpServer.externalUrl",
        "\"\"",
        "URL under which the outside reaches the server; empty stands for its own address. Every \
         route lives below its path.",
    )
    .or_variables(&["EXTERNAL_URL"]),
    Setting::key("httpServer.bodyLimit", "\"10mb\"", "Largest request body."),
    Setting::key("httpServer.cors.enabled", "true", "Whether other sites' pages may call."),
    Setting::key(
        "httpServer.cors.origin",
        "true",
        "Which sites may: `true` or `\"*\"` for all, `false` for none, an origin, or a list. All \
         may reach the Converse API, media and `/status`; the operator's routes are open to sites \
         that are named here.",
    ),
    Setting::key(
        "httpServer.cors.credentials",
        "false",
        "Whether sites that are named may send credentials.",
    ),
    Setting::key("httpServer.headers", "{}", "Headers that every answer carries."),
    Setting::key(
        "httpServer.rateLimit.enabled",
        "false",
        "Whether the rates of requests are limited.",
    ),
    Setting::key(
        "httpServer.rateLimit.limit",
        "600",
        "Requests of one client address in a window.",
    ),
    Setting::key("httpServer.rateLimit.limitWindow", "\"30s\"", "Length of that window."),
    Setting::key(
        "httpServer.rateLimit.perToken.limit",
        "",
        "Requests of one account or API key in a window, over all routes; unlimited without it.",
    ),
    Setting::key("httpServer.rateLimit.perToken.limitWindow", "", "Length of that window."),
    Setting::key(
        "httpServer.rateLimit.perUser.limit",
        "",
        "Messages of one chat user of a bot in a window; unlimited without it.",
    ),
    Setting::key("httpServer.rateLimit.perUser.limitWindow", "", "Length of that window."),
    Setting::key(
        "httpServer.rateLimit.perBot.limit",
        "",
        "Messages to one bot in a window; unlimited without it.",
    ),
    Setting::key("httpServer.rateLimit.perBot.limitWindow", "", "Length of that window."),
    Setting::variable(
        &["REVERSE_PROXY"],
        "no",
        "How many proxies stand in front and are believed when they name the client: `yes` (one), \
         `no`, or a number.",
    ),
    Setting::variable(&["BP_HTTP_DISABLE_GZIP"], "false", "Answers are not compressed."),
    Setting::key(
        "converse.timeout",
        "\"5s\"",
        "Time for an answer. This and the others of `converse`, but for `maxTimeout`, may be set \
         for a bot in its `bot.config.json`.",
    ),
    Setting::key("converse.maxMessageLength", "360", "Longest text, in UTF-16 code units."),
    Setting::key(
        "converse.enableUnsecuredEndpoint",
        "true",
        "Whether the Converse API answers without a login.",
    ),
    Setting::key(
        "converse.requireKey",
        "false",
        "Whether it needs an API key or a collaborator's token that may talk to the bot.",
    ),
    Setting::key(
        "converse.allowedOrigins",
        "[]",
        "The sites whose pages may talk to bots, as a list of origins; empty or `[\"*\"]` for all. \
         Requests without `Origin`, from servers, pass.",
    ),
    Setting::key(
        "converse.rateLimit.perUser.limit",
        "",
        "Messages of one chat user of a bot in a window, whether or not `httpServer.rateLimit` is \
         enabled; without it `httpServer.rateLimit.perUser` holds.",
    ),
    Setting::key("converse.rateLimit.perUser.limitWindow", "", "Length of that window."),
    Setting::key(
        "converse.rateLimit.perBot.limit",
        "",
        "Messages to one bot in a window, likewise.",
    ),
    Setting::key("converse.rateLimit.perBot.limitWindow", "", "Length of that window."),
    Setting::key(
        "converse.payloadFormat",
        "\"auto\"",
        "Form of the answers: `typing-element` (v12 before 12.26), `inline` (later), or `auto`: by \
         the bot's version.",
    ),
    Setting::key(
        "converse.maxTimeout",
        "\"2m\"",
        "The longest time for an answer that a caller may ask for with `?timeout=`.",
    ),
    Setting::key(
        "dialog.timeoutInterval",
        "\"25m\"",
        "After so long a silence the conversation times out. Bots may set their own.",
    ),
    Setting::key(
        "dialog.sessionTimeoutInterval",
        "\"30m\"",
        "After so long a silence the session is deleted. Bots may set their own.",
    ),
    Setting::key("dialog.janitorInterval", "\"10s\"", "How often both are looked at."),
    Setting::key(
        "dataRetention.policies",
        "{}",
        "Attributes of chat users that are forgotten so long after they were last set to another \
         value: dotted paths and durations, as in `{\"email\": \"30 days\", \"profile.phone\": \"1y\"}`.",
    ),
    Setting::key(
        "dataRetention.janitorInterval",
        "\"10m\"",
        "How often attributes whose time has come are looked for.",
    ),
    Setting::key("noRepeatPolicy", "false", "A suggestion is not sent twice in a short time."),
    Setting::variable(&["BP_DECISION_MIN_NO_REPEAT"], "20s", "How short that time is."),
    Setting::variable(
        &["BP_DECISION_MIN_CONFIENCE"],
        "0.5",
        "Suggestions below this confidence are dropped. (The name is v12's, misspelling and all.)",
    ),
    Setting::key(
        "fileUpload.maxFileSize",
        "\"25mb\"",
        "Largest file that can be uploaded, or copied for a bot.",
    ),
    Setting::key(
        "fileUpload.allowedMimeTypes",
        "[\"image/jpeg\", \"image/png\", \"image/gif\", \"image/bmp\", \"image/webp\", \
         \"audio/mpeg\", \"audio/webm\", \"audio/ogg\", \"audio/wav\", \"video/mp4\", \"video/webm\", \
         \"video/ogg\", \"application/pdf\"]",
        "Which types of files can be uploaded; the type that is declared and that of the name's \
         ending must both be here. `image/*` allows a whole kind.",
    ),
    Setting::key(
        "parlance.turns.maxInFlight",
        "1024",
        "So many turns at the same time; further callers get a 503.",
    ),
    Setting::key(
        "parlance.turns.maxWaitingPerConversation",
        "100",
        "So many messages of one chat user may wait for their turn; further ones get a 503.",
    ),
    Setting::key(
        "parlance.outbound.allowHosts",
        "[]",
        "Hosts that bots may call although their addresses are not public: names or addresses. In a \
         variable this and the next two may be written with commas between.",
    ),
    Setting::key(
        "parlance.outbound.allowNetworks",
        "[]",
        "Networks that bots may call although they are not public, such as `10.1.0.0/16`.",
    ),
    Setting::key(
        "parlance.outbound.allowPorts",
        "[]",
        "Ports that bots may call besides 80, 443, 8080 and 8443.",
    ),
    Setting::key(
        "appSecret",
        "\"\"",
        "Signs login tokens: keep v12's to keep its tokens. Without it the server makes one and \
         keeps it in the database.",
    )
    .or_variables(&["APP_SECRET"]),
    Setting::variable(
        &["BP_ADMIN_EMAIL"],
        "",
        "With `BP_ADMIN_PASSWORD`: the first account, made at a start while there is none.",
    ),
    Setting::variable(&["BP_ADMIN_PASSWORD"], "", "Its password, of at least 4 characters."),
    Setting::key(
        "parlance.auth.openRegistration",
        "false",
        "Whether the first account can be registered without the code that the start prints, as in \
         v12.",
    ),
    Setting::key("superAdmins", "[]", "Accounts that may do everything: `{email, strategy}` each."),
    Setting::key("jwtToken.duration", "\"1h\"", "How long a login lasts."),
    Setting::key("jwtToken.allowRefresh", "true", "Whether a new token can be had for one."),
    Setting::key(
        "jwtToken.useCookieStorage",
        "false",
        "Tokens live in a cookie; every request carries a CSRF token besides.",
    ),
    Setting::key("jwtToken.cookieOptions", "{}", "Options of that cookie."),
    Setting::key(
        "authStrategies.default.options.maxLoginAttempt",
        "0",
        "An account with more wrong passwords in a row is locked; 0 for no such lock. Whatever it \
         says, guessing is slowed down.",
    ),
    Setting::key(
        "authStrategies.default.options.lockoutDuration",
        "",
        "For how long; for ever without it.",
    ),
    Setting::key(
        "authStrategies.default.options.passwordExpiryDelay",
        "",
        "After so long a password must be changed.",
    ),
    Setting::key(
        "authStrategies.default.options.passwordMinLength",
        "",
        "Fewest characters of a new password: 8 without it. Those that are easy to guess are \
         refused in any case.",
    ),
    Setting::key(
        "authStrategies.default.options.requireComplexPassword",
        "false",
        "Whether a new password needs lower and upper case, a digit and another character.",
    ),
    Setting::key(
        "pro.externalAuth.enabled",
        "false",
        "Whether tokens that chat users bring in `X-BP-ExternalAuth` are checked.",
    ),
    Setting::key("pro.externalAuth.audience", "[]", "Whom they must be meant for; a list or one."),
    Setting::key("pro.externalAuth.issuer", "[]", "Who must have made them; a list or one."),
    Setting::key(
        "pro.externalAuth.algorithms",
        "[\"HS256\"]",
        "Their algorithms: HS256, HS384, HS512 with a secret; RS256, RS384, RS512, PS256, PS384, \
         PS512, ES256, ES384 with a public key.",
    ),
    Setting::key(
        "pro.externalAuth.publicKey",
        "\"\"",
        "The public key as PEM, or the secret. Where it has fewer than 128 characters, \
         `global/end_users_auth.pub` in the data directory comes first.",
    ),
    Setting::key("pro.externalAuth.jwksClient.jwksUri", "\"\"", "Address of a key set instead."),
    Setting::key("pro.externalAuth.jwksClient.keyId", "\"\"", "The one key of it that counts."),
    Setting::key(
        "pro.externalAuth.userClaim",
        "\"\"",
        "A claim that must be the id of the chat user; without it a token may speak for anybody.",
    ),
    Setting::variable(
        &["PARLANCE_NLU"],
        "on",
        "`off`: no utterance ever matches an intent. There is no language understanding yet, so \
         `on` does the same for now.",
    ),
];

/// Names of v12's that are read past: they have no effect (yet). Everything below them goes along.
pub(super) const WITHOUT_EFFECT: [&str; 36] = [
    "$schema",
    "actionServers",
    "additionalLanguages",
    "allowServerReboot",
    "authStrategies.default.allowedUsers",
    "authStrategies.default.allowSelfSignup",
    "authStrategies.default.fieldMapping",
    "authStrategies.default.hidden",
    "authStrategies.default.id",
    "authStrategies.default.label",
    "authStrategies.default.type",
    "autoRevision",
    "botCategories",
    "botMonitoring",
    "converse.bufferDelayMs",
    "eventCollector",
    "experimental",
    "httpServer.backlog",
    "httpServer.keepAliveTimeout",
    "httpServer.proxy",
    "httpServer.session",
    "httpServer.socketTransports",
    "jwtSecret",
    "logs",
    "modules",
    "pro.alerting",
    "pro.branding",
    "pro.collaboratorsAuthStrategies",
    "pro.enabled",
    "pro.licenseKey",
    "pro.monitoring",
    "pro.redis",
    "sendUsageStats",
    "showPoweredBy",
    "telemetry",
    "version",
];

/// Every setting, in the order of the documentation.
pub fn reference() -> &'static [Setting] {
    SETTINGS
}

const INTRODUCTION: &str = "\
# Configuration

A setting is looked for in this order; the first place that has it wins:

1. flags of the command line;
2. environment variables, then those of a `.env` file in the working directory;
3. `global/botpress.config.json` in the data directory;
4. the default.

Every key of the file can be set by a variable as well: `BP_CONFIG_` and the key's path with `_` for
each dot, in any case. `BP_CONFIG_HTTPSERVER_PORT=3001` sets `httpServer.port`. The value is JSON, or
else taken as text; an object is merged into the section it names.

In the file, `%NAME%` stands for the environment variable of that name, `%BOTPRESS_DIR%` for the
folder that holds the data directory, and `\"$isProduction\"` and `\"$isDevelopment\"` for a boolean. The
same holds in every `bot.config.json`. A name that is not set stays as it is.

Durations are texts such as `500ms`, `30s`, `5m`, `2h`, `1 day`, or a number of milliseconds. Sizes
are texts such as `10mb`, `512kb`, or a number of bytes.

A value that cannot be used stops the start, with its file, line and column. A name that neither v12
nor Parlance knows is a warning, and an error inside `parlance`, `converse.rateLimit`, `perToken`, `perUser` and `perBot`.

How limits, origins and keys are used together: [restrictions.md](restrictions.md).

";

/// The documentation page of all settings, as Markdown.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("| Key | Flag | Environment | Default | Meaning |\n|---|---|---|---|---|\n");
    for setting in SETTINGS {
        let code = |name: &str| match name {
            "" => "–".to_owned(),
            name => format!("`{name}`"),
        };
        let variables: Vec<String> = setting.variables.iter().map(|name| code(name)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            code(setting.key.unwrap_or_default()),
            code(setting.flag.unwrap_or_default()),
            if variables.is_empty() { "–".to_owned() } else { variables.join(", ") },
            code(setting.default),
            setting.meaning,
        );
    }
    page.push_str("\nThese keys of v12 are accepted and have no effect here:\n");
    for (index, key) in WITHOUT_EFFECT.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _ = write!(page, "{separator}`{key}`");
    }
    page.push_str(".\n");
    page
}
