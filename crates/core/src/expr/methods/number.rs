//! Methods of numbers.

use super::super::number::{EXACT, to_integer};
use super::super::text::Text;
use super::super::value::{Abrupt, Outcome, Value};
use super::{Call, NumberMethod};
use crate::js::number_to_string;

pub(super) const METHODS: &[(&str, NumberMethod)] =
    &[("toFixed", to_fixed), ("toString", to_string)];

fn to_fixed<'e>(number: f64, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    const LARGE: f64 = 1e21;
    let digits = call.integer(0)?;
    if !(0.0..=100.0).contains(&digits) {
        return Err(Abrupt::RangeError("toFixed takes 0 to 100 digits"));
    }
    if !number.is_finite() || number.abs() >= LARGE {
        return Ok(Value::Text(Text::Owned(number_to_string(number).into())));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an integer in 0..=100"
    )]
    let digits = digits as u8;
    Ok(Value::Text(Text::new(ryu_js::Buffer::new().format_to_fixed(number, digits))))
}

fn to_string<'e>(number: f64, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let radix = match call.argument(0) {
        Value::Undefined => 10.0,
        radix => to_integer(radix.to_number(call.budget)?),
    };
    if !(2.0..=36.0).contains(&radix) {
        return Err(Abrupt::RangeError("the radix of toString must be 2 to 36"));
    }
    #[expect(clippy::float_cmp, reason = "an integer")]
    if radix == 10.0 || !number.is_finite() {
        return Ok(Value::Text(Text::Owned(number_to_string(number).into())));
    }
    if number.fract() != 0.0 || number.abs() >= EXACT {
        let reason = "a fraction or a very large number in another radix";
        return Err(Abrupt::NeedsJavaScript(reason.into()));
    }
    Ok(Value::Text(Text::Owned(in_radix(number, radix).into())))
}

/// An integer below 2^53 in `radix`.
fn in_radix(number: f64, radix: f64) -> String {
    let mut rest = number.abs();
    let mut digits = Vec::new();
    loop {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "integers below 36"
        )]
        let (digit, base) = ((rest % radix) as u32, radix as u32);
        digits.extend(char::from_digit(digit, base));
        rest = (rest / radix).trunc();
        if rest < 1.0 {
            break;
        }
    }
    if number < 0.0 {
        digits.push('-');
    }
    digits.into_iter().rev().collect()
}
