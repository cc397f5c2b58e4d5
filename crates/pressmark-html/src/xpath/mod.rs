//! XPath 1.0 over a [`Tree`]: all axes, the whole core function library, nothing beside.
//!
//! A compiled [`XPath`] is evaluated to nodes, a text, a number or a truth value. Its work is
//! bounded, so that no expression can stop a program. The tree of an HTML page is seen like this:
//!
//! - names have no namespaces and are compared in any case: `//svg`, `//DIV`, `@xlink:href`;
//! - there are no comments, processing instructions and namespace nodes;
//! - `lang()` reads `lang`, as HTML has it.
//!
//! There are no variables. The type of every expression is known when it is compiled, so that a
//! function that is given a value in the place of nodes is an error then, not on some page.

mod axis;
mod eval;
mod expr;
mod function;
mod lex;
mod parse;
mod value;

use crate::lookup::{LookupError, TooMuchWork};
use crate::tree::{NodeId, Tree};
use eval::{Context, Evaluation};
use expr::{Expr, Kind};

/// A compiled expression.
///
/// ```
/// use pressmark_html::{NodeId, Tree, XPath};
///
/// let tree = Tree::parse("<p class='lead big'>One</p><p>Two <a href='/x'>three</a></p>");
/// let lead = XPath::new("//p[contains(concat(' ', normalize-space(@class), ' '), ' lead ')]")?;
/// assert_eq!(lead.text(&tree, NodeId::ROOT)?, "One");
/// let link = XPath::new("string(//p[2]/a/@href)")?;
/// assert_eq!(link.text(&tree, NodeId::ROOT)?, "/x");
/// let wrong = XPath::new("//p[").unwrap_err();
/// assert_eq!(wrong.to_string(), "a name, `*`, `@`, `.` or `..` is missing at character 5");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct XPath {
    source: Box<str>,
    expr: Expr,
}

/// A node that was found: one of the tree, or an attribute of one. They compare in document order,
/// attributes behind their element and before its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// The node; of an attribute, its element.
    pub node: NodeId,
    /// The attribute's place among those of the element, from 0.
    pub attribute: Option<usize>,
}

/// What an expression gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nodes in document order, each once.
    Nodes(Vec<Found>),
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
}

impl XPath {
    /// Compiles an expression.
    pub fn new(source: &str) -> Result<Self, LookupError> {
        Ok(Self {
            source: source.into(),
            expr: parse::parse(source)?,
        })
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it gives nodes, rather than a text, a number or a truth value.
    pub fn gives_nodes(&self) -> bool {
        self.expr.kind() == Kind::Nodes
    }

    /// What it gives, seen from this node.
    pub fn evaluate(&self, tree: &Tree<'_>, from: NodeId) -> Result<Value, TooMuchWork> {
        let evaluation = Evaluation::new(tree);
        let context = Context::of(from);
        Ok(match self.expr.kind() {
            Kind::Nodes => Value::Nodes(evaluation.nodes(&self.expr, context)?),
            Kind::Text => Value::Text(evaluation.text(&self.expr, context)?.into_owned()),
            Kind::Number => Value::Number(evaluation.number(&self.expr, context)?),
            Kind::Boolean => Value::Boolean(evaluation.truth(&self.expr, context)?),
        })
    }

    /// The nodes that it finds, in document order; none if it gives a value.
    pub fn nodes(&self, tree: &Tree<'_>, from: NodeId) -> Result<Vec<Found>, TooMuchWork> {
        match self.evaluate(tree, from)? {
            Value::Nodes(nodes) => Ok(nodes),
            _ => Ok(Vec::new()),
        }
    }

    /// The elements and texts that it finds, attributes left out.
    pub fn select(&self, tree: &Tree<'_>, from: NodeId) -> Result<Vec<NodeId>, TooMuchWork> {
        let nodes = self.nodes(tree, from)?;
        let in_tree = nodes.into_iter().filter(|found| found.attribute.is_none());
        Ok(in_tree.map(|found| found.node).collect())
    }

    /// What it gives as a text, as `string()` would: of nodes, the text of the first.
    pub fn text(&self, tree: &Tree<'_>, from: NodeId) -> Result<String, TooMuchWork> {
        let evaluation = Evaluation::new(tree);
        let text = evaluation.text(&self.expr, Context::of(from))?;
        Ok(text.into_owned())
    }

    /// What it gives as a truth value, as `boolean()` would: of nodes, whether there are any.
    pub fn holds(&self, tree: &Tree<'_>, from: NodeId) -> Result<bool, TooMuchWork> {
        let evaluation = Evaluation::new(tree);
        evaluation.truth(&self.expr, Context::of(from))
    }
}

impl Found {
    pub(crate) const fn of(node: NodeId) -> Self {
        Self {
            node,
            attribute: None,
        }
    }

    /// Its text: an attribute's value, a text, or all texts below an element, as they stand.
    pub fn text(self, tree: &Tree<'_>) -> String {
        value::text_of(tree, self).into_owned()
    }
}
