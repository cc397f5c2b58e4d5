//! The body: which element holds it, and which of its blocks belong to it.

use pressmark_html::{NodeId, Tree, clean};
use pressmark_model::WebUrl;

use crate::blocks::{self, Setting};
use crate::candidate;
use crate::facts::Facts;
use crate::headline;
use crate::measure::Measures;
use crate::{Body, Hints, Removal};

/// What was found of the body, and of the title, which is looked for beside it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) title: String,
    /// The heading in the page that shows the title.
    pub(crate) heading: Option<NodeId>,
    pub(crate) lead: Option<String>,
    pub(crate) html: String,
    pub(crate) text: String,
    pub(crate) confidence: f32,
    pub(crate) trace: Vec<Removal>,
}

pub(crate) fn find(tree: &Tree<'_>, measures: &Measures, facts: &Facts, hints: &Hints) -> Found {
    let (title, heading) = headline::find(tree, measures, facts, hints);
    let Some(chosen) = candidate::choose(tree, measures, facts, heading) else {
        return Found {
            title,
            heading,
            ..Found::default()
        };
    };
    let setting = Setting {
        tree,
        measures,
        facts,
        hints,
        title: &title,
        heading,
        root: chosen.node,
        given: false,
    };
    let kept = blocks::keep(&setting);
    let written = clean(tree, &kept.parts, facts.base.as_ref(), &|id| kept.treat(id));
    Found {
        title,
        heading,
        lead: kept.lead,
        html: written.html,
        text: written.text,
        confidence: chosen.confidence,
        trace: kept.trace.into_iter().map(|(_, removal)| removal).collect(),
    }
}

/// Cleans a body that is given as a whole.
pub(crate) fn whole(
    tree: &Tree<'_>,
    measures: &Measures,
    base: Option<&WebUrl>,
    title: &str,
) -> Body {
    let facts = Facts {
        base: base.cloned(),
        ..Facts::default()
    };
    let hints = Hints::default();
    let setting = Setting {
        tree,
        measures,
        facts: &facts,
        hints: &hints,
        title,
        heading: None,
        root: NodeId::ROOT,
        given: true,
    };
    let kept = blocks::keep(&setting);
    let written = clean(tree, &kept.parts, base, &|id| kept.treat(id));
    Body {
        html: written.html,
        text: written.text,
        trace: kept.trace.into_iter().map(|(_, removal)| removal).collect(),
    }
}
