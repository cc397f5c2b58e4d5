//! Compiled expressions.

use crate::tag::Tag;

/// What an expression evaluates to. Without variables this is known before it is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nodes,
    Text,
    Number,
    Boolean,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Or(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Union(Vec<Expr>),
    /// A location path.
    Path {
        absolute: bool,
        steps: Vec<Step>,
    },
    /// A set of nodes, filtered, and a path from each.
    Filter {
        base: Box<Expr>,
        predicates: Vec<Expr>,
        steps: Vec<Step>,
    },
    /// The path of one attribute, by far the commonest inside of predicates.
    Attribute(Box<str>),
    /// `contains(concat(' ', normalize-space(@name), ' '), ' token ')`.
    HasToken {
        attribute: Box<str>,
        token: Box<str>,
    },
    Text(Box<str>),
    Number(f64),
    Call(Function, Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

impl Axis {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ancestor" => Self::Ancestor,
            "ancestor-or-self" => Self::AncestorOrSelf,
            "attribute" => Self::Attribute,
            "child" => Self::Child,
            "descendant" => Self::Descendant,
            "descendant-or-self" => Self::DescendantOrSelf,
            "following" => Self::Following,
            "following-sibling" => Self::FollowingSibling,
            "namespace" => Self::Namespace,
            "parent" => Self::Parent,
            "preceding" => Self::Preceding,
            "preceding-sibling" => Self::PrecedingSibling,
            "self" => Self::Itself,
            _ => return None,
        })
    }

    /// Whether positions count against the document's order.
    pub(super) fn is_reverse(self) -> bool {
        matches!(
            self,
            Self::Ancestor | Self::AncestorOrSelf | Self::Preceding | Self::PrecedingSibling
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NodeTest {
    /// `node()`.
    Any,
    /// `text()`.
    Text,
    /// `comment()` and `processing-instruction()`: the tree has none.
    Nothing,
    /// `*`.
    Star,
    /// `prefix:*`, with the colon.
    Prefix(Box<str>),
    Name(Tag, Box<str>),
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: NodeTest,
    pub(super) predicates: Vec<Expr>,
}

impl Step {
    /// Whether what it finds depends on the node it starts from beyond the axis.
    pub(super) fn counts(&self) -> bool {
        self.predicates
            .iter()
            .any(|predicate| predicate.kind() == Kind::Number || predicate.counts())
    }
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal $kind:ident,)*) => {
        /// The core function library: XPath 1.0, section 4.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Function {
            $($variant,)*
        }

        impl Function {
            pub(super) fn from_name(name: &str) -> Option<Self> {
                Some(match name {
                    $($name => Self::$variant,)*
                    _ => return None,
                })
            }

            /// The fewest and the most arguments.
            pub(super) fn arity(self) -> (usize, usize) {
                match self {
                    $(Self::$variant => ($least, $most),)*
                }
            }

            fn kind(self) -> Kind {
                match self {
                    $(Self::$variant => Kind::$kind,)*
                }
            }
        }
    };
}

functions! {
    Boolean "boolean" 1 1 Boolean,
    Ceiling "ceiling" 1 1 Number,
    Concat "concat" 2 64 Text,
    Contains "contains" 2 2 Boolean,
    Count "count" 1 1 Number,
    False "false" 0 0 Boolean,
    Floor "floor" 1 1 Number,
    Id "id" 1 1 Nodes,
    Lang "lang" 1 1 Boolean,
    Last "last" 0 0 Number,
    LocalName "local-name" 0 1 Text,
    Name "name" 0 1 Text,
    NamespaceUri "namespace-uri" 0 1 Text,
    NormalizeSpace "normalize-space" 0 1 Text,
    Not "not" 1 1 Boolean,
    Number "number" 0 1 Number,
    Position "position" 0 0 Number,
    Round "round" 1 1 Number,
    StartsWith "starts-with" 2 2 Boolean,
    String "string" 0 1 Text,
    StringLength "string-length" 0 1 Number,
    Substring "substring" 2 3 Text,
    SubstringAfter "substring-after" 2 2 Text,
    SubstringBefore "substring-before" 2 2 Text,
    Sum "sum" 1 1 Number,
    Translate "translate" 3 3 Text,
    True "true" 0 0 Boolean,
}

impl Function {
    /// Whether an argument must be a set of nodes.
    pub(super) fn wants_nodes(self) -> bool {
        matches!(
            self,
            Self::Count | Self::Sum | Self::Name | Self::LocalName | Self::NamespaceUri
        )
    }
}

impl Expr {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Or(..) | Self::And(..) | Self::Compare(..) | Self::HasToken { .. } => {
                Kind::Boolean
            }
            Self::Arithmetic(..) | Self::Negate(_) | Self::Number(_) => Kind::Number,
            Self::Union(_) | Self::Path { .. } | Self::Filter { .. } | Self::Attribute(_) => {
                Kind::Nodes
            }
            Self::Text(_) => Kind::Text,
            Self::Call(function, _) => function.kind(),
        }
    }

    /// Whether its value depends on the context's position or size.
    fn counts(&self) -> bool {
        match self {
            Self::Or(a, b)
            | Self::And(a, b)
            | Self::Compare(_, a, b)
            | Self::Arithmetic(_, a, b) => a.counts() || b.counts(),
            Self::Negate(inner) | Self::Filter { base: inner, .. } => inner.counts(),
            Self::Union(parts) => parts.iter().any(Self::counts),
            Self::Call(Function::Last | Function::Position, _) => true,
            Self::Call(_, arguments) => arguments.iter().any(Self::counts),
            Self::Path { .. }
            | Self::Attribute(_)
            | Self::HasToken { .. }
            | Self::Text(_)
            | Self::Number(_) => false,
        }
    }
}
