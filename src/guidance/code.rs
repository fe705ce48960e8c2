//! Error codes inside messages.

use std::borrow::Cow;

/// The first code that says something, by preference: `0x…` (not `0x0`), a signed decimal written as `0x…`
/// (`-2147220970` = `0x80040216`), `DIPV…`/`DW…EV…` codes, an HTTP status as `HTTP 403`.
pub fn error_code(message: &str) -> Option<Cow<'_, str>> {
    hexadecimal(message)
        .map(Cow::Borrowed)
        .or_else(|| signed(message).map(Cow::Owned))
        .or_else(|| prefixed(message).map(Cow::Borrowed))
        .or_else(|| http(message).map(Cow::Owned))
}

fn hexadecimal(message: &str) -> Option<&str> {
    memchr::memmem::find_iter(message.as_bytes(), b"0x").find_map(|begin| {
        let digits = message[begin + 2..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let code = &message[begin..begin + 2 + digits];
        (digits >= 3).then_some(code)
    })
}

/// Dataverse writes its codes as signed numbers of 32 bits, too: ten digits, beginning with -2147.
fn signed(message: &str) -> Option<String> {
    memchr::memmem::find_iter(message.as_bytes(), b"-2147").find_map(|begin| {
        let digits = message[begin + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let number: i32 = message[begin..begin + 1 + digits].parse().ok()?;
        (digits == 10).then(|| format!("0x{number:08x}"))
    })
}

fn prefixed(message: &str) -> Option<&str> {
    ["DIPV", "DWDVEV", "DWFOEV", "DW9"].into_iter().find_map(|prefix| {
        let begin = memchr::memmem::find(message.as_bytes(), prefix.as_bytes())?;
        let digits = message[begin + prefix.len()..].bytes().take_while(u8::is_ascii_digit).count();
        (digits >= 3).then(|| &message[begin..begin + prefix.len() + digits])
    })
}

fn http(message: &str) -> Option<String> {
    const NAMED: [(&str, u16); 8] = [
        ("status code BadRequest", 400),
        ("status code InternalServerError", 500),
        ("status code Forbidden", 403),
        ("status code Unauthorized", 401),
        ("status code ServiceUnavailable", 503),
        ("status code BadGateway", 502),
        ("status code GatewayTimeout", 504),
        ("status code NotFound", 404),
    ];
    if !(message.contains("status")
        || message.contains("returned an error")
        || message.contains("HTTP"))
    {
        return None;
    }
    if let Some((_, code)) = NAMED.iter().find(|(text, _)| message.contains(text)) {
        return Some(format!("HTTP {code}"));
    }
    for before in ["returned an error: (", "indicate success: ", "HTTP ", "\"status\":"] {
        for (begin, _) in message.match_indices(before) {
            let digits = message
                .as_bytes()
                .get(begin + before.len()..begin + before.len() + 3)
                .unwrap_or_default();
            let ends = message
                .as_bytes()
                .get(begin + before.len() + 3)
                .is_none_or(|next| !next.is_ascii_digit());
            if let (true, Ok(code)) =
                (ends, std::str::from_utf8(digits).unwrap_or_default().parse::<u16>())
                && (400..600).contains(&code)
            {
                return Some(format!("HTTP {code}"));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_order_of_what_they_say() {
        let found = |message| error_code(message).map(Cow::into_owned);
        assert_eq!(
            found(
                "Request failed with status code BadRequest and CDS error code : 0x80040265 response"
            ),
            Some("0x80040265".into())
        );
        assert_eq!(
            found("Error Code: -2147220970 Error Message: Message size exceeded"),
            Some("0x80040216".into())
        );
        assert_eq!(found("Project validation failed. [DIPV1002] AX is"), Some("DIPV1002".into()));
        assert_eq!(
            found("The remote server returned an error: (403) Forbidden."),
            Some("HTTP 403".into())
        );
        assert_eq!(
            found("failed with status code InternalServerError and CDS error code : Internal"),
            Some("HTTP 500".into())
        );
        assert_eq!(found("CDS error code: 0x0 response message: An error"), None);
        assert_eq!(found("Item 4031 is blocked"), None);
    }
}
