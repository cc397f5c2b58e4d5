//! Lists of subscriptions: sources from OPML, and OPML from sources.

mod dialect;
mod scrape;

use pressmark_feed::{Opml, Outline, parse_opml, write_opml};
use pressmark_model::{Issue, Slug, WebUrl};

use self::dialect::{NAMESPACES, Understood};
pub use self::scrape::SiteRule;
use crate::archive::{Archive, ArchiveError};
use crate::ports::catalog::CatalogError;
use crate::source::{Folder, NewSource, Source, SourceChange, SourceSettings, SourceState};

/// A subscription of a list, as the source that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subscription {
    url: WebUrl,
    name: Option<String>,
    slug: Option<Slug>,
    paused: bool,
    settings: SourceSettings,
}

/// What a list of subscriptions came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscribed {
    /// Sources that are watched from now on.
    pub added: u64,
    /// Subscriptions that are watched already: their sources stay as they are.
    pub known: u64,
    /// Subscriptions that cannot be watched, and what of the others is not understood: a sentence
    /// each, without a full stop.
    pub refused: Vec<String>,
    /// The flaws of the document.
    pub issues: Vec<Issue>,
    /// What the list says of the pages of sites, each host once: rules in the format of rule files.
    pub rules: Vec<SiteRule>,
}

/// A subscription of a list, as it is shown before anything is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The address that would be watched.
    pub url: WebUrl,
    /// What the list calls it.
    pub name: Option<String>,
    /// The names of the folders that it is in, from the outside.
    pub folder: Vec<String>,
}

/// What [`Archive::subscribe`] would watch, and what it would refuse; nothing is saved.
pub fn preview_subscriptions(opml: &[u8]) -> (Vec<Listed>, Subscribed) {
    let read = parse_opml(opml);
    let mut done = Subscribed {
        issues: read.issues,
        ..Subscribed::default()
    };
    let listed = subscriptions(&read.value, &mut done)
        .into_iter()
        .map(|found| Listed {
            url: found.url,
            name: found.name,
            folder: found.settings.folder,
        })
        .collect();
    (listed, done)
}

impl Archive {
    /// Watches what an OPML document lists: folders, names, and the options that the extension
    /// attributes of `FreshRSS` and Miniflux set. What is not understood of an outline is kept with
    /// its source and written back by [`Archive::list_subscriptions`]. Nothing is fetched.
    ///
    /// A list may be read again: what it lists is watched once. `progress` is told how many of how
    /// many subscriptions are done.
    ///
    /// # Errors
    ///
    /// Only when the catalog fails; what was added until then stays.
    pub async fn subscribe(
        &self,
        opml: &[u8],
        progress: &(dyn Fn(usize, usize) + Send + Sync),
    ) -> Result<Subscribed, ArchiveError> {
        let read = parse_opml(opml);
        let mut done = Subscribed {
            issues: read.issues,
            ..Subscribed::default()
        };
        let found = subscriptions(&read.value, &mut done);
        self.catalog.keep_folders(&folders(&read.value)).await?;
        let all = found.len();
        for (at, subscription) in found.into_iter().enumerate() {
            progress(at, all);
            if self.subscribe_to(subscription).await? {
                done.added += 1;
            } else {
                done.known += 1;
            }
        }
        progress(all, all);
        Ok(done)
    }

    /// Whether the source is new. One that an interrupted reading left without its settings gets
    /// them now.
    async fn subscribe_to(&self, subscription: Subscription) -> Result<bool, ArchiveError> {
        let mut new = NewSource {
            url: subscription.url.clone(),
            name: subscription.name,
            slug: subscription.slug,
            named_after: subscription.url,
            state: if subscription.paused {
                SourceState::Paused
            } else {
                SourceState::Active
            },
            now: self.clock.now(),
        };
        let added = match self.catalog.add_source(&new).await {
            Err(CatalogError::SlugTaken(_)) => {
                new.slug = None;
                self.catalog.add_source(&new).await
            }
            added => added,
        };
        let (source, is_new) = added?;
        let untouched = source.settings == SourceSettings::default();
        if untouched && subscription.settings != source.settings {
            let change = SourceChange {
                settings: Some(subscription.settings),
                ..SourceChange::default()
            };
            self.catalog.change_source(source.id, &change).await?;
        }
        Ok(is_new)
    }

    /// The sources that are polled, as an OPML document: by folder, with their options in the
    /// attributes of `FreshRSS`, Miniflux and this program.
    pub async fn list_subscriptions(&self) -> Result<String, ArchiveError> {
        let sources = self.catalog.sources().await?;
        let folders = self.catalog.folders().await?;
        Ok(write_opml(&opml(&sources, &folders)))
    }
}

impl Subscribed {
    fn add_rules(&mut self, new: Option<SiteRule>) {
        let Some(new) = new else { return };
        match self.rules.iter_mut().find(|known| known.host == new.host) {
            Some(known) => {
                for line in new.lines {
                    if !known.lines.contains(&line) {
                        known.lines.push(line);
                    }
                }
            }
            None => self.rules.push(new),
        }
    }
}

/// Whether an outline is a folder, and not a subscription that has lost its address.
fn is_folder(outline: &Outline) -> bool {
    let of_a_feed = |(name, _): &(String, String)| name.eq_ignore_ascii_case("type");
    outline.xml_url.is_none()
        && !outline.text.is_empty()
        && (!outline.outlines.is_empty()
            || (outline.html_url.is_none() && !outline.attributes.iter().any(of_a_feed)))
}

/// The folders of a list, each before those in it.
fn folders(opml: &Opml) -> Vec<Folder> {
    let mut found = Vec::new();
    let mut open: Vec<(&Outline, Vec<String>)> = opml
        .outlines
        .iter()
        .rev()
        .map(|outline| (outline, Vec::new()))
        .collect();
    while let Some((outline, mut path)) = open.pop() {
        if !is_folder(outline) {
            continue;
        }
        path.push(outline.text.clone());
        let children = outline.outlines.iter().rev();
        open.extend(children.map(|child| (child, path.clone())));
        found.push(Folder {
            path,
            attributes: dialect::with_known_prefixes(opml, &outline.attributes),
        });
    }
    found
}

/// The subscriptions of a list, depth first. A feed that stands in several folders counts where it
/// stands first.
fn subscriptions(opml: &Opml, done: &mut Subscribed) -> Vec<Subscription> {
    let mut found: Vec<Subscription> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut open: Vec<(&Outline, Vec<String>)> = opml
        .outlines
        .iter()
        .rev()
        .map(|outline| (outline, Vec::new()))
        .collect();
    while let Some((outline, folder)) = open.pop() {
        if let Some(address) = &outline.xml_url {
            match address.parse::<WebUrl>() {
                Ok(url) if !seen.insert(url.clone()) => {}
                Ok(url) => found.push(subscription(opml, outline, url, &folder, done)),
                Err(error) => done.refused.push(format!("`{}`: {error}", outline.text)),
            }
        } else if !is_folder(outline) {
            done.refused
                .push(format!("`{}` has no address of a feed", outline.text));
        }
        let mut inner = folder;
        inner.extend(Some(outline.text.clone()).filter(|name| !name.is_empty()));
        let children = outline.outlines.iter().rev();
        open.extend(children.map(|child| (child, inner.clone())));
    }
    found
}

fn subscription(
    opml: &Opml,
    outline: &Outline,
    url: WebUrl,
    folder: &[String],
    done: &mut Subscribed,
) -> Subscription {
    let attributes = dialect::with_known_prefixes(opml, &outline.attributes);
    let mut understood = Understood::of(&attributes);
    let home = outline
        .html_url
        .as_deref()
        .and_then(|home| home.parse().ok());
    let home = home.as_ref().unwrap_or(&url);
    let rules = scrape::rules(&attributes, Some(home), &mut understood.notes);
    done.add_rules(rules);
    let about = |note: &String| format!("`{}`: {note}", outline.text);
    done.refused.extend(understood.notes.iter().map(about));
    let mut kept: Vec<(String, String)> = attributes
        .into_iter()
        .filter(|(name, _)| !dialect::is_own(name))
        .collect();
    kept.insert(0, ("text".to_owned(), outline.text.clone()));
    kept.extend(
        outline
            .html_url
            .clone()
            .map(|url| ("htmlUrl".to_owned(), url)),
    );
    Subscription {
        name: Some(outline.text.clone()).filter(|name| !name.is_empty()),
        slug: understood.slug,
        paused: understood.paused,
        settings: SourceSettings {
            folder: folder.to_vec(),
            outline: kept,
            ..understood.settings
        },
        url,
    }
}

/// The sources as a list.
fn opml(sources: &[Source], folders: &[Folder]) -> Opml {
    let mut list = Opml {
        title: "Pressmark".to_owned(),
        namespaces: NAMESPACES
            .map(|(prefix, name)| (prefix.to_owned(), name.to_owned()))
            .to_vec(),
        outlines: Vec::new(),
    };
    let polled = |source: &&Source| {
        matches!(
            source.state,
            SourceState::Active | SourceState::Paused | SourceState::Gone
        )
    };
    for folder in folders {
        declare(&mut list, &folder.attributes);
        if let Some(place) = folder_at(&mut list.outlines, &folder.path) {
            let written = |(name, _): &&(String, String)| !name.starts_with("xmlns:");
            place.attributes = folder.attributes.iter().filter(written).cloned().collect();
        }
    }
    for source in sources.iter().filter(polled) {
        declare(&mut list, &source.settings.outline);
        place(&mut list.outlines, &source.settings.folder, outline(source));
    }
    list
}

/// Declares the namespaces that attributes are of.
fn declare(list: &mut Opml, attributes: &[(String, String)]) {
    for (name, value) in attributes {
        let namespace = name
            .strip_prefix("xmlns:")
            .map(|prefix| (prefix.to_owned(), value.clone()));
        if let Some(namespace) = namespace.filter(|new| !list.namespaces.contains(new)) {
            list.namespaces.push(namespace);
        }
    }
}

/// Puts an outline into a folder, which is made if it is not there.
fn place(outlines: &mut Vec<Outline>, folder: &[String], leaf: Outline) {
    if folder.is_empty() {
        outlines.push(leaf);
    } else if let Some(folder) = folder_at(outlines, folder) {
        folder.outlines.push(leaf);
    }
}

/// The folder at a path, made if it is not there; `None` for an empty path.
fn folder_at<'o>(outlines: &'o mut Vec<Outline>, path: &[String]) -> Option<&'o mut Outline> {
    let (name, rest) = path.split_first()?;
    let is_it = |outline: &Outline| outline.xml_url.is_none() && outline.text == *name;
    let at = outlines.iter().position(is_it).unwrap_or_else(|| {
        outlines.push(Outline {
            text: name.clone(),
            ..Outline::default()
        });
        outlines.len() - 1
    });
    let found = outlines.get_mut(at)?;
    if rest.is_empty() {
        return Some(found);
    }
    folder_at(&mut found.outlines, rest)
}

fn outline(source: &Source) -> Outline {
    let kept = &source.settings.outline;
    let before = |name: &str| {
        let known = kept.iter().find(|(known, _)| known == name);
        known.map(|(_, value)| value.clone())
    };
    let name = source.name.clone().or_else(|| source.status.title.clone());
    let text = name.unwrap_or_else(|| source.slug.to_string());
    let renamed = before("text").is_some_and(|before| before != text);
    let attributes = dialect::written(source)
        .into_iter()
        .filter(|(name, _)| match name.as_str() {
            "text" | "htmlUrl" => false,
            "title" => !renamed,
            name => !name.starts_with("xmlns:"),
        })
        .collect();
    Outline {
        text,
        xml_url: Some(source.url.as_str().to_owned()),
        html_url: before("htmlUrl").or_else(|| Some(source.status.home.as_ref()?.to_string())),
        attributes,
        outlines: Vec::new(),
    }
}
