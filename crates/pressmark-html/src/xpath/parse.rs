//! From tokens to an expression: XPath 1.0, sections 2 and 3.

use super::expr::{Arithmetic, Axis, Comparison, Expr, Function, Kind, NodeTest, Step};
use super::lex::{Token, tokens};
use crate::lookup::{LookupError, is_space};
use crate::tag::Tag;

/// How deep expressions may be nested.
const MAX_DEPTH: usize = 64;
/// How many operators there may be in all: each can make the expression one deeper.
const MAX_OPERATORS: usize = 250;

pub(super) fn parse(source: &str) -> Result<Expr, LookupError> {
    let mut parser = Parser {
        source,
        tokens: tokens(source)?,
        at: 0,
        depth: 0,
        operators: 0,
    };
    let expr = parser.expr(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.error("the expression should end here")),
    }
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<(usize, Token<'s>)>,
    at: usize,
    depth: usize,
    operators: usize,
}

impl<'s> Parser<'s> {
    fn peek(&self) -> Option<Token<'s>> {
        self.tokens.get(self.at).map(|(_, token)| *token)
    }

    fn error(&self, problem: impl Into<std::borrow::Cow<'static, str>>) -> LookupError {
        let byte = self
            .tokens
            .get(self.at)
            .map_or(self.source.len(), |(at, _)| *at);
        LookupError::new(self.source, byte, problem)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(next)) if next == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), LookupError> {
        if self.eat(sign) {
            return Ok(());
        }
        Err(self.error(format!("`{sign}` is missing")))
    }

    /// An expression of operators that bind at least so tightly.
    fn expr(&mut self, least: u8) -> Result<Expr, LookupError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("the expression is nested too deeply"));
        }
        let mut left = self.unary()?;
        while let Some(Token::Sign(sign)) = self.peek() {
            let Some(rank) = rank(sign).filter(|rank| *rank >= least) else {
                break;
            };
            self.operators += 1;
            if self.operators > MAX_OPERATORS {
                return Err(self.error("the expression has too many operators"));
            }
            self.at += 1;
            let right = self.expr(rank + 1)?;
            left = binary(sign, left, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, LookupError> {
        let mut negative = None;
        while self.eat("-") {
            negative = Some(!negative.unwrap_or(false));
        }
        let inner = self.union()?;
        Ok(match negative {
            None => inner,
            Some(true) => Expr::Negate(Box::new(inner)),
            Some(false) => Expr::Call(Function::Number, vec![inner]),
        })
    }

    fn union(&mut self) -> Result<Expr, LookupError> {
        let first = self.path()?;
        if !matches!(self.peek(), Some(Token::Sign("|"))) {
            return Ok(first);
        }
        self.nodes_only(&first, "`|`")?;
        let mut parts = vec![first];
        while self.eat("|") {
            let part = self.path()?;
            self.nodes_only(&part, "`|`")?;
            parts.push(part);
        }
        Ok(Expr::Union(parts))
    }

    fn nodes_only(&self, expr: &Expr, wanted_by: &str) -> Result<(), LookupError> {
        if expr.kind() == Kind::Nodes {
            return Ok(());
        }
        Err(self.error(format!(
            "{wanted_by} takes nodes, and what it has is a value"
        )))
    }

    /// A location path, or a filter with one behind it.
    fn path(&mut self) -> Result<Expr, LookupError> {
        let primary = match self.peek() {
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.expr(0)?;
                self.expect(")")?;
                inner
            }
            Some(Token::Text(text)) => {
                self.at += 1;
                Expr::Text(text.into())
            }
            Some(Token::Number(number)) => {
                self.at += 1;
                Expr::Number(number)
            }
            Some(Token::Function(name)) if !is_node_type(name) => self.call(name)?,
            _ => return self.location(),
        };
        let predicates = self.predicates()?;
        let mut steps = Vec::new();
        if matches!(self.peek(), Some(Token::Sign("/" | "//"))) {
            self.steps(&mut steps)?;
        }
        if predicates.is_empty() && steps.is_empty() {
            return Ok(primary);
        }
        self.nodes_only(&primary, "a path or a condition in brackets")?;
        shorten(&mut steps);
        Ok(Expr::Filter {
            base: Box::new(primary),
            predicates,
            steps,
        })
    }

    fn location(&mut self) -> Result<Expr, LookupError> {
        let mut steps = Vec::new();
        let absolute = match self.peek() {
            Some(Token::Sign("/")) => {
                if self.begins_step(self.at + 1) {
                    self.steps(&mut steps)?;
                } else {
                    self.at += 1;
                }
                true
            }
            Some(Token::Sign("//")) => {
                self.steps(&mut steps)?;
                true
            }
            _ => {
                let first = self.step()?;
                steps.push(first);
                self.steps(&mut steps)?;
                false
            }
        };
        shorten(&mut steps);
        if !absolute
            && let [only] = steps.as_slice()
            && let (Axis::Attribute, NodeTest::Name(_, name)) = (only.axis, &only.test)
            && only.predicates.is_empty()
        {
            return Ok(Expr::Attribute(name.clone()));
        }
        Ok(Expr::Path { absolute, steps })
    }

    fn begins_step(&self, at: usize) -> bool {
        match self.tokens.get(at).map(|(_, token)| *token) {
            Some(Token::Name(_) | Token::Prefix(_) | Token::Axis(_)) => true,
            Some(Token::Function(name)) => is_node_type(name),
            Some(Token::Sign(sign)) => matches!(sign, "*" | "." | ".." | "@"),
            _ => false,
        }
    }

    /// `/step` and `//step`, any number of times.
    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), LookupError> {
        loop {
            if self.eat("//") {
                steps.push(Step {
                    axis: Axis::DescendantOrSelf,
                    test: NodeTest::Any,
                    predicates: Vec::new(),
                });
            } else if !self.eat("/") {
                return Ok(());
            }
            let step = self.step()?;
            steps.push(step);
        }
    }

    fn step(&mut self) -> Result<Step, LookupError> {
        if !self.begins_step(self.at) {
            return Err(match self.peek() {
                Some(Token::Function(_)) => self
                    .error("a function cannot stand in a path")
                    .with_hint("put the function around the path: `string(//a/@href)`"),
                _ => self.error("a name, `*`, `@`, `.` or `..` is missing"),
            });
        }
        for (sign, axis) in [("..", Axis::Parent), (".", Axis::Itself)] {
            if self.eat(sign) {
                // The grammar has no conditions here, but people write them, and mean this.
                let predicates = self.predicates()?;
                return Ok(Step {
                    axis,
                    test: NodeTest::Any,
                    predicates,
                });
            }
        }
        let axis = if self.eat("@") {
            Axis::Attribute
        } else if let Some(Token::Axis(name)) = self.peek() {
            let axis = Axis::from_name(name)
                .ok_or_else(|| self.error(format!("there is no axis `{name}`")))?;
            self.at += 1;
            self.expect("::")?;
            axis
        } else {
            Axis::Child
        };
        let test = self.node_test()?;
        let predicates = self.predicates()?;
        Ok(Step {
            axis,
            test,
            predicates,
        })
    }

    fn node_test(&mut self) -> Result<NodeTest, LookupError> {
        let test = match self.peek() {
            Some(Token::Sign("*")) => NodeTest::Star,
            Some(Token::Prefix(prefix)) => NodeTest::Prefix(prefix.into()),
            Some(Token::Name(name)) => {
                NodeTest::Name(Tag::from_name(name), name.to_ascii_lowercase().into())
            }
            Some(Token::Function(name)) if is_node_type(name) => {
                self.at += 1;
                self.expect("(")?;
                if name == "processing-instruction" && matches!(self.peek(), Some(Token::Text(_))) {
                    self.at += 1;
                }
                self.expect(")")?;
                return Ok(match name {
                    "node" => NodeTest::Any,
                    "text" => NodeTest::Text,
                    _ => NodeTest::Nothing,
                });
            }
            _ => return Err(self.error("a name, `*` or `node()` is missing")),
        };
        self.at += 1;
        Ok(test)
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, LookupError> {
        let mut predicates = Vec::new();
        while self.eat("[") {
            predicates.push(self.expr(0)?);
            self.expect("]")?;
        }
        Ok(predicates)
    }

    fn call(&mut self, name: &str) -> Result<Expr, LookupError> {
        let function = Function::from_name(name).ok_or_else(|| {
            let error = self.error(format!("XPath 1.0 has no function `{name}`"));
            match name {
                "lower-case" | "upper-case" => error.with_hint(
                    "use `translate(…, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`",
                ),
                "ends-with" => error.with_hint(
                    "use `substring(s, string-length(s) - string-length(end) + 1) = end`",
                ),
                "matches" | "replace" => error.with_hint("use `contains()` or `starts-with()`"),
                _ => error,
            }
        })?;
        let began = self.at;
        self.at += 1;
        self.expect("(")?;
        let mut arguments = Vec::new();
        if !self.eat(")") {
            loop {
                arguments.push(self.expr(0)?);
                if function.wants_nodes()
                    && let Some(last) = arguments.last()
                {
                    self.nodes_only(last, &format!("`{name}()`"))?;
                }
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        let (least, most) = function.arity();
        if arguments.len() < least || arguments.len() > most {
            self.at = began;
            let wanted = match (least, most) {
                (least, most) if least == most => least.to_string(),
                (least, 64) => format!("at least {least}"),
                (least, most) => format!("{least} to {most}"),
            };
            return Err(self.error(format!(
                "`{name}()` takes {wanted} arguments, not {}",
                arguments.len()
            )));
        }
        Ok(class_test(function, &arguments).unwrap_or(Expr::Call(function, arguments)))
    }
}

fn is_node_type(name: &str) -> bool {
    matches!(name, "node" | "text" | "comment" | "processing-instruction")
}

fn rank(sign: &str) -> Option<u8> {
    Some(match sign {
        "or" => 1,
        "and" => 2,
        "=" | "!=" => 3,
        "<" | "<=" | ">" | ">=" => 4,
        "+" | "-" => 5,
        "×" | "div" | "mod" => 6,
        _ => return None,
    })
}

fn binary(sign: &str, left: Expr, right: Expr) -> Expr {
    let (left, right) = (Box::new(left), Box::new(right));
    match sign {
        "or" => Expr::Or(left, right),
        "and" => Expr::And(left, right),
        "=" => Expr::Compare(Comparison::Equal, left, right),
        "!=" => Expr::Compare(Comparison::Unequal, left, right),
        "<" => Expr::Compare(Comparison::Less, left, right),
        "<=" => Expr::Compare(Comparison::LessOrEqual, left, right),
        ">" => Expr::Compare(Comparison::Greater, left, right),
        ">=" => Expr::Compare(Comparison::GreaterOrEqual, left, right),
        "+" => Expr::Arithmetic(Arithmetic::Add, left, right),
        "-" => Expr::Arithmetic(Arithmetic::Subtract, left, right),
        "×" => Expr::Arithmetic(Arithmetic::Multiply, left, right),
        "div" => Expr::Arithmetic(Arithmetic::Divide, left, right),
        _ => Expr::Arithmetic(Arithmetic::Remainder, left, right),
    }
}

/// `//x` walks the document once, where nothing in it counts positions among siblings.
fn shorten(steps: &mut Vec<Step>) {
    let mut at = 0;
    while let (Some(first), Some(second)) = (steps.get(at), steps.get(at + 1)) {
        let joined = first.axis == Axis::DescendantOrSelf
            && first.test == NodeTest::Any
            && first.predicates.is_empty()
            && second.axis == Axis::Child
            && !second.counts();
        if joined {
            steps.remove(at);
            if let Some(step) = steps.get_mut(at) {
                step.axis = Axis::Descendant;
            }
        }
        at += 1;
    }
}

/// Recognises the idiom for "has this class".
fn class_test(function: Function, arguments: &[Expr]) -> Option<Expr> {
    let (Function::Contains, [Expr::Call(Function::Concat, parts), Expr::Text(wanted)]) =
        (function, arguments)
    else {
        return None;
    };
    let [
        Expr::Text(before),
        Expr::Call(Function::NormalizeSpace, list),
        Expr::Text(after),
    ] = parts.as_slice()
    else {
        return None;
    };
    let [Expr::Attribute(attribute)] = list.as_slice() else {
        return None;
    };
    let token = wanted.strip_prefix(' ')?.strip_suffix(' ')?;
    let whole = &**before == " " && &**after == " " && !token.is_empty();
    (whole && !token.contains(is_space)).then(|| Expr::HasToken {
        attribute: attribute.clone(),
        token: token.into(),
    })
}
