//! What JSON-LD (schema.org) says about the article.

use serde_json::Value;

/// The values of the page's news article object.
#[derive(Debug, Clone, Default)]
pub(crate) struct JsonLd {
    pub(crate) headline: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) section: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) keywords: Vec<String>,
    /// `isAccessibleForFree` is false.
    pub(crate) paid: bool,
    /// There is an article object at all.
    pub(crate) is_article: bool,
    /// Of which page each article object is, as written, if it says so.
    pub(crate) article_pages: Vec<Option<String>>,
    /// There is a product.
    pub(crate) is_product: bool,
}

impl JsonLd {
    /// Reads one script; what earlier ones said stays.
    pub(crate) fn add(&mut self, script: &str) {
        let Some(value) = parse(script) else { return };
        let mut objects = Vec::new();
        collect(&value, &mut objects, 0);
        let by_rank = |wanted: u8| objects.iter().filter(move |o| rank(o) == wanted);
        for object in by_rank(2).chain(by_rank(1)) {
            let is_page = rank(object) == 1;
            self.read(object, is_page, &objects);
        }
        let products = ["Product", "ProductGroup", "IndividualProduct"];
        self.is_product |= objects.iter().any(|object| is_type(object, &products));
        if self.publisher.is_none() {
            let site = objects
                .iter()
                .find(|o| is_type(o, &["WebSite", "NewsMediaOrganization"]));
            self.publisher = site.and_then(|o| text(o.get("name")));
        }
    }

    fn read(&mut self, object: &Value, is_page: bool, all: &[&Value]) {
        let fill = |slot: &mut Option<String>, value: Option<String>| {
            if slot.is_none() {
                *slot = value.filter(|text| !text.trim().is_empty());
            }
        };
        fill(&mut self.published, text(object.get("datePublished")));
        fill(&mut self.modified, text(object.get("dateModified")));
        fill(&mut self.language, text(object.get("inLanguage")));
        fill(&mut self.description, text(object.get("description")));
        if self.authors.is_empty() {
            names(object.get("author"), all, &mut self.authors, 0);
            if self.authors.is_empty() {
                names(object.get("creator"), all, &mut self.authors, 0);
            }
        }
        if is_page {
            return;
        }
        self.is_article = true;
        self.article_pages.push(page_of(object));
        fill(
            &mut self.headline,
            text(object.get("headline")).or_else(|| text(object.get("name"))),
        );
        fill(&mut self.body, text(object.get("articleBody")));
        fill(&mut self.section, text(object.get("articleSection")));
        fill(&mut self.image, image(object.get("image")));
        if self.publisher.is_none() {
            let mut publisher = Vec::new();
            names(object.get("publisher"), all, &mut publisher, 0);
            self.publisher = publisher.into_iter().next();
        }
        if self.keywords.is_empty() {
            self.keywords = keywords(object.get("keywords"));
        }
        let free = object.get("isAccessibleForFree");
        self.paid |= free.is_some_and(|free| match free {
            Value::Bool(free) => !free,
            Value::String(free) => free.eq_ignore_ascii_case("false"),
            _ => false,
        });
    }
}

/// The address of the page that an object is the main thing of.
fn page_of(object: &Value) -> Option<String> {
    let main = object.get("mainEntityOfPage");
    let named = main.and_then(|page| page.get("@id").or_else(|| page.get("url")));
    [object.get("url"), named, main]
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        // Some write `True`.
        .find(|address| address.contains('/'))
        .map(str::to_owned)
}

/// JSON as pages have it: in a comment or CDATA, with line breaks inside strings.
fn parse(script: &str) -> Option<Value> {
    let script = script
        .trim()
        .trim_start_matches("<!--")
        .trim_end_matches("-->")
        .trim();
    let script = script
        .trim_start_matches("//<![CDATA[")
        .trim_end_matches("//]]>");
    let script = script
        .trim()
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("]]>");
    let script = script.trim().trim_end_matches(';');
    if let Ok(value) = serde_json::from_str(script) {
        return Some(value);
    }
    let mut mended = String::with_capacity(script.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in script.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '\n' | '\r' | '\t' if in_string => {
                mended.push(' ');
                continue;
            }
            c if in_string && c.is_control() => continue,
            _ => {}
        }
        mended.push(c);
    }
    let mut stream = serde_json::Deserializer::from_str(&mended).into_iter::<Value>();
    stream.next().and_then(Result::ok)
}

fn collect<'v>(value: &'v Value, out: &mut Vec<&'v Value>, depth: u8) {
    if depth > 6 || out.len() > 400 {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, out, depth + 1)),
        Value::Object(map) => {
            out.push(value);
            for (key, inner) in map {
                if matches!(
                    key.as_str(),
                    "@graph"
                        | "mainEntity"
                        | "mainEntityOfPage"
                        | "author"
                        | "publisher"
                        | "itemReviewed"
                ) {
                    collect(inner, out, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn is_type(object: &Value, wanted: &[&str]) -> bool {
    let matches = |kind: &Value| {
        kind.as_str().is_some_and(|kind| {
            let kind = kind.rsplit(['/', ':']).next().unwrap_or(kind);
            wanted.contains(&kind)
        })
    };
    match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(matches),
        Some(kind) => matches(kind),
        None => false,
    }
}

/// 2 for an article, 1 for a page, 0 for others.
fn rank(object: &Value) -> u8 {
    const ARTICLES: [&str; 19] = [
        "NewsArticle",
        "Article",
        "ReportageNewsArticle",
        "BlogPosting",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BackgroundNewsArticle",
        "ReviewNewsArticle",
        "LiveBlogPosting",
        "SocialMediaPosting",
        "Report",
        "ScholarlyArticle",
        "TechArticle",
        "AskPublicNewsArticle",
        "AdvertiserContentArticle",
        "SatiricalArticle",
        "DiscussionForumPosting",
        "Review",
        "Posting",
    ];
    if is_type(object, &ARTICLES) {
        2
    } else {
        u8::from(is_type(object, &["WebPage", "ItemPage", "VideoObject"]))
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(unescaped(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) => text(list.first()),
        Value::Object(map) => text(map.get("@value").or_else(|| map.get("name"))),
        _ => None,
    }
}

/// Values that were escaped as HTML before they were written as JSON.
fn unescaped(text: &str) -> String {
    if text.contains('&') && text.contains(';') || text.contains("</") || text.contains("/>") {
        pressmark_html::plain_text(text)
    } else {
        text.trim().to_owned()
    }
}

/// How many authors are read: each is compared with the others and with lines of the page.
const MOST_NAMES: usize = 50;

fn names(value: Option<&Value>, all: &[&Value], out: &mut Vec<String>, depth: u8) {
    if depth > 4 || out.len() >= MOST_NAMES {
        return;
    }
    match value {
        Some(Value::String(name)) => out.push(unescaped(name)),
        Some(Value::Array(list)) => {
            for item in list {
                names(Some(item), all, out, depth + 1);
            }
        }
        Some(Value::Object(map)) => {
            if let Some(name) = map.get("name") {
                names(Some(name), all, out, depth + 1);
            } else if let Some(id) = map.get("@id") {
                let named = all
                    .iter()
                    .find(|o| o.get("@id") == Some(id) && o.get("name").is_some());
                names(named.and_then(|o| o.get("name")), all, out, depth + 1);
            }
        }
        _ => {}
    }
}

fn image(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(address) => Some(address.clone()),
        Value::Array(list) => image(list.first()),
        Value::Object(map) => image(map.get("url").or_else(|| map.get("contentUrl"))),
        _ => None,
    }
}

fn keywords(value: Option<&Value>) -> Vec<String> {
    let mut out: Vec<String> = match value {
        Some(Value::String(list)) => list.split([',', ';']).map(unescaped).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(|item| text(Some(item))).collect(),
        _ => Vec::new(),
    };
    out.retain(|word| !word.is_empty() && word.chars().count() < 60);
    out
}
