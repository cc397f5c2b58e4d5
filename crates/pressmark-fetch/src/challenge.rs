//! Pages that ask for a browser or a human, by the marks of the services that make them.

use pressmark_archive::wall;

/// A mark: a header field that contains a text, a text in the body, or both.
struct Mark {
    by: &'static str,
    /// Name and what the value contains, in lower case; an empty text is any value.
    header: Option<(&'static str, &'static str)>,
    body: Option<&'static str>,
}

const fn header(by: &'static str, name: &'static str, value: &'static str) -> Mark {
    Mark {
        by,
        header: Some((name, value)),
        body: None,
    }
}

const fn body(by: &'static str, text: &'static str) -> Mark {
    Mark {
        by,
        header: None,
        body: Some(text),
    }
}

/// Header fields that no other answer carries: they count under any status.
const SURE: &[Mark] = &[
    header("Cloudflare", "cf-mitigated", "challenge"),
    header("AWS WAF", "x-amzn-waf-action", ""),
    header("Vercel", "x-vercel-mitigated", ""),
    header("SiteGround", "sg-captcha", ""),
];

/// Marks that count under a status that refuses.
const REFUSING: &[Mark] = &[
    header("DataDome", "x-datadome", ""),
    header("DataDome", "x-dd-b", ""),
    header("Kasada", "x-kpsdk-ct", ""),
    header("Imperva", "x-iinfo", ""),
    header("HUMAN", "x-px-authorization", ""),
    header("DDoS-Guard", "server", "ddos-guard"),
    header("Sucuri", "x-sucuri-block", ""),
    body("Cloudflare", "<title>Just a moment"),
    body("Cloudflare", "cf-browser-verification"),
    body("Cloudflare", "/cdn-cgi/challenge-platform/"),
    body("Cloudflare", "Attention Required! | Cloudflare"),
    body("DataDome", "captcha-delivery.com"),
    body("HUMAN", "px-captcha"),
    body("HUMAN", "_pxAppId"),
    body("Imperva", "_Incapsula_Resource"),
    body("AWS WAF", "awsWafCookieDomainList"),
    body("Akamai", "/_sec/cp_challenge/"),
    body("Kasada", "/149e9513-01fa-4fb0-aad4-566afd725d1b/"),
    body("Anubis", "anubis_challenge"),
    body("Sucuri", "sucuri_cloudproxy_js"),
    body("hCaptcha", "hcaptcha.com/1/api.js"),
    body("reCAPTCHA", "google.com/recaptcha/api.js"),
    Mark {
        by: "Akamai",
        header: Some(("server", "akamaighost")),
        body: Some("Access Denied"),
    },
];

/// Whether an answer refuses because of where the request comes from: 451 (RFC 7725), or a refusal
/// that says so.
pub(crate) fn is_regional(status: u16, page: &[u8]) -> bool {
    if status == 451 {
        return true;
    }
    status == 403 && wall::tells_region(page)
}

/// How much of a body is looked at.
const LOOK: usize = 256 << 10;

/// Whose challenge this answer is, if it is one.
pub(crate) fn recognise(
    status: u16,
    headers: &[(String, String)],
    page: &[u8],
) -> Option<&'static str> {
    let refuses = matches!(status, 401 | 403 | 405 | 406 | 429 | 503);
    let marks = SURE.iter().chain(if refuses { REFUSING } else { &[] });
    let page = page.get(..LOOK).unwrap_or(page);
    let mut found = marks.filter(|mark| {
        mark.header
            .is_none_or(|(name, text)| has_header(headers, name, text))
            && mark.body.is_none_or(|text| contains(page, text))
    });
    found.next().map(|mark| mark.by)
}

fn has_header(headers: &[(String, String)], name: &str, text: &str) -> bool {
    headers
        .iter()
        .any(|(n, value)| n.eq_ignore_ascii_case(name) && value.to_ascii_lowercase().contains(text))
}

fn contains(page: &[u8], text: &str) -> bool {
    page.windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, header: &str, value: &str, page: &str) -> Option<&'static str> {
        recognise(
            status,
            &[(header.to_owned(), value.to_owned())],
            page.as_bytes(),
        )
    }

    #[test]
    fn regions_are_told_from_other_refusals() {
        assert!(is_regional(451, b""));
        assert!(is_regional(403, b"Sorry, Not Available In Your Country."));
        let banned =
            b"<title>Access denied</title><h1>Error <span>1009</span></h1><p>The owner of \
            this website has banned the country or region your IP address is in.";
        assert!(is_regional(403, banned));
        assert!(!is_regional(403, b"Forbidden"));
        assert!(!is_regional(404, b"not available in your country"));
    }

    #[test]
    fn challenges_are_told_from_refusals() {
        assert_eq!(
            answer(403, "CF-Mitigated", "challenge", ""),
            Some("Cloudflare")
        );
        assert_eq!(
            answer(503, "Server", "cloudflare", "<title>Just a moment..."),
            Some("Cloudflare")
        );
        assert_eq!(answer(403, "X-DataDome", "protected", ""), Some("DataDome"));
        assert_eq!(
            answer(202, "x-amzn-waf-action", "challenge", ""),
            Some("AWS WAF")
        );
        assert_eq!(
            answer(403, "Server", "AkamaiGHost", "<h1>Access Denied</h1>"),
            Some("Akamai")
        );
        assert_eq!(
            answer(403, "Server", "nginx", "<h1>Access Denied</h1>"),
            None
        );
        assert_eq!(
            answer(403, "Server", "cloudflare", "error code: 1020"),
            None
        );
        assert_eq!(answer(200, "X-DataDome", "protected", "an article"), None);
        assert_eq!(
            answer(200, "Server", "x", "how `Just a moment` pages work"),
            None
        );
    }
}
