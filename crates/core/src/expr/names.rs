//! What JavaScript itself defines: names that are neither variables of a condition nor missing.
//!
//! The lists hold every name that some engine of the last ten years defines. A property on a list
//! that is not run natively needs JavaScript; one that is on none is `undefined`.

use super::value::Value;

/// Members of every object.
#[rustfmt::skip]
const OBJECT: &[&str] = &[
    "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__",
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
    "toString", "valueOf",
];

/// Members of strings.
#[rustfmt::skip]
const STRING: &[&str] = &[
    "anchor", "at", "big", "blink", "bold", "charAt", "charCodeAt", "codePointAt", "concat",
    "constructor", "endsWith", "fixed", "fontcolor", "fontsize", "includes", "indexOf",
    "isWellFormed", "italics", "lastIndexOf", "length", "link", "localeCompare", "match",
    "matchAll", "normalize", "padEnd", "padStart", "repeat", "replace", "replaceAll", "search",
    "slice", "small", "split", "startsWith", "strike", "sub", "substr", "substring", "sup",
    "toLocaleLowerCase", "toLocaleUpperCase", "toLowerCase", "toString", "toUpperCase",
    "toWellFormed", "trim", "trimEnd", "trimLeft", "trimRight", "trimStart", "valueOf",
];

/// Members of arrays.
#[rustfmt::skip]
const ARRAY: &[&str] = &[
    "at", "concat", "constructor", "copyWithin", "entries", "every", "fill", "filter", "find",
    "findIndex", "findLast", "findLastIndex", "flat", "flatMap", "forEach", "includes",
    "indexOf", "join", "keys", "lastIndexOf", "length", "map", "pop", "push", "reduce",
    "reduceRight", "reverse", "shift", "slice", "some", "sort", "splice", "toLocaleString",
    "toReversed", "toSorted", "toSpliced", "toString", "unshift", "values", "with",
];

/// Members of numbers.
#[rustfmt::skip]
const NUMBER: &[&str] = &[
    "constructor", "toExponential", "toFixed", "toLocaleString", "toPrecision", "toString",
    "valueOf",
];

/// Variables of the language, of Node.js and of its modules.
#[rustfmt::skip]
const GLOBAL: &[&str] = &[
    "AbortController", "AbortSignal", "AggregateError", "Array", "ArrayBuffer",
    "AsyncDisposableStack", "Atomics", "BigInt", "BigInt64Array", "BigUint64Array", "Blob",
    "Boolean", "BroadcastChannel", "Buffer", "ByteLengthQueuingStrategy", "CloseEvent",
    "CompressionStream", "CountQueuingStrategy", "Crypto", "CryptoKey", "CustomEvent",
    "DOMException", "DataView", "Date", "DecompressionStream", "DisposableStack", "Error",
    "EvalError", "Event", "EventSource", "EventTarget", "File", "FinalizationRegistry",
    "Float16Array", "Float32Array", "Float64Array", "FormData", "Function", "Headers",
    "Infinity", "Int16Array", "Int32Array", "Int8Array", "InternalError", "Intl", "Iterator", "JSON", "Map",
    "Math", "MessageChannel", "MessageEvent", "MessagePort", "NaN", "Navigator", "Number",
    "Object", "Performance", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure",
    "PerformanceObserver", "PerformanceObserverEntryList", "PerformanceResourceTiming",
    "Promise", "Proxy", "RangeError", "ReadableStream", "ReferenceError", "Reflect", "RegExp",
    "Request", "Response", "Set", "SharedArrayBuffer", "Storage", "String", "SubtleCrypto",
    "SuppressedError", "Symbol", "SyntaxError", "TextDecoder", "TextDecoderStream",
    "TextEncoder", "TextEncoderStream", "TransformStream", "TypeError", "URIError", "URL",
    "URLSearchParams", "Uint16Array", "Uint32Array", "Uint8Array", "Uint8ClampedArray",
    "VMError", "WeakMap", "WeakRef", "WeakSet", "WebAssembly", "WebSocket", "WritableStream",
    "__dirname", "__filename", "arguments", "atob", "btoa", "clearImmediate", "clearInterval",
    "clearTimeout", "console", "crypto", "decodeURI", "decodeURIComponent", "encodeURI",
    "encodeURIComponent", "escape", "eval", "exports", "fetch", "global", "globalThis",
    "isFinite", "isNaN", "localStorage", "module", "navigator", "parseFloat", "parseInt",
    "performance", "process", "queueMicrotask", "require", "sessionStorage", "setImmediate",
    "setInterval", "setTimeout", "structuredClone", "undefined", "unescape",
];

/// What the original event object has beyond its JSON form: a date, and functions.
const EVENT: &[&str] = &["createdOn", "hasFlag", "setFlag"];

/// Whether a value inherits `key` from the language.
pub(super) fn is_inherited(value: &Value<'_>, key: &str) -> bool {
    let own_kind: &[&str] = match value {
        Value::Text(_) => STRING,
        Value::Array(_) => ARRAY,
        Value::Number(_) => NUMBER,
        Value::Undefined | Value::Null | Value::Bool(_) | Value::Object(_) => &[],
    };
    own_kind.contains(&key) || OBJECT.contains(&key)
}

/// Whether the event object has `key` only in a JavaScript engine.
pub(super) fn is_live_event_member(key: &str) -> bool {
    EVENT.contains(&key)
}

/// Whether any kind of value inherits `key`.
pub(super) fn is_inherited_by_any(key: &str) -> bool {
    [OBJECT, STRING, ARRAY, NUMBER, EVENT].iter().any(|list| list.contains(&key))
}

/// Whether every object inherits `key`.
pub(super) fn is_object_member(key: &str) -> bool {
    OBJECT.contains(&key)
}

/// Whether `name` is a variable that JavaScript or its host defines.
pub(super) fn is_global(name: &str) -> bool {
    GLOBAL.contains(&name) || OBJECT.contains(&name)
}
