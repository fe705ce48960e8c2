//! As much of Rust's grammar as it takes to see which paths a file names: words, punctuation, inline modules.

use std::iter::Peekable;
use std::str::Chars;

/// A word or a sign of a source text. Comments, texts, characters and lifetimes are left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Word(String),
    /// `::`
    Colons,
    Sign(char),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }
}

/// A path into the crate, from its root, and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    /// Module that names it, from the crate's root.
    pub(crate) from: Vec<String>,
    /// What is named, from the crate's root.
    pub(crate) to: Vec<String>,
}

/// Cuts a source text into words and signs.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => skip_block(&mut rest),
            '"' => skip_text(&mut rest),
            '\'' => skip_quote(&mut rest),
            ':' if rest.next_if_eq(&':').is_some() => found.push(Token::Colons),
            _ if is_word(sign) => {
                let mut word = String::from(sign);
                while let Some(letter) = rest.next_if(|c| is_word(*c)) {
                    word.push(letter);
                }
                let raw = matches!(word.as_str(), "r" | "br" | "cr");
                let plain = matches!(word.as_str(), "b" | "c");
                if raw && matches!(rest.peek(), Some('"' | '#')) {
                    skip_raw(&mut rest);
                } else if !(plain && matches!(rest.peek(), Some('"' | '\''))) {
                    found.push(Token::Word(word));
                }
            }
            _ if sign.is_whitespace() => {}
            _ => found.push(Token::Sign(sign)),
        }
    }
    found
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

fn skip_block(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 1;
    rest.next();
    while depth > 0 {
        match rest.next() {
            Some('*') if rest.next_if_eq(&'/').is_some() => depth -= 1,
            Some('/') if rest.next_if_eq(&'*').is_some() => depth += 1,
            Some(_) => {}
            None => return,
        }
    }
}

fn skip_text(rest: &mut Peekable<Chars<'_>>) {
    while let Some(sign) = rest.next() {
        match sign {
            '"' => return,
            '\\' => {
                rest.next();
            }
            _ => {}
        }
    }
}

/// After `r`: as many `#` as there are, a text without escapes, the same number of `#`. `r#word` is a word, and not seen.
fn skip_raw(rest: &mut Peekable<Chars<'_>>) {
    let mut fence = 0;
    while rest.next_if_eq(&'#').is_some() {
        fence += 1;
    }
    if rest.next_if_eq(&'"').is_none() {
        return;
    }
    while let Some(sign) = rest.next() {
        if sign == '"' {
            let mut closing = 0;
            while closing < fence && rest.next_if_eq(&'#').is_some() {
                closing += 1;
            }
            if closing == fence {
                return;
            }
        }
    }
}

/// After `'`: the rest of a character (`'a'`, `'\n'`, `'\u{41}'`) or of a lifetime (`'a`).
fn skip_quote(rest: &mut Peekable<Chars<'_>>) {
    if rest.next_if_eq(&'\\').is_some() {
        rest.next();
        while rest.next().is_some_and(|sign| sign != '\'') {}
        return;
    }
    let Some(first) = rest.next() else { return };
    if rest.next_if_eq(&'\'').is_none() && is_word(first) {
        while rest.next_if(|c| is_word(*c)).is_some() {}
    }
}

/// All paths that begin with `crate::` or climb with `super::`, groups spelled out.
pub(crate) fn references(module: &[String], tokens: &[Token]) -> Vec<Reference> {
    let mut found = Vec::new();
    // What each open brace belongs to: an inline module, or something else.
    let mut braces: Vec<Option<String>> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Sign('{') => {
                let named = at.checked_sub(2).filter(|before| tokens[*before].is("mod"));
                braces.push(named.and_then(|before| word(tokens, before + 1)));
            }
            Token::Sign('}') => {
                braces.pop();
            }
            _ => {}
        }
        let climbs = token.is("super") || token.is("crate");
        let begins = at == 0 || tokens[at - 1] != Token::Colons;
        if climbs && begins && tokens.get(at + 1) == Some(&Token::Colons) {
            let mut from = module.to_vec();
            from.extend(braces.iter().flatten().cloned());
            let mut base = if token.is("crate") { Vec::new() } else { from.clone() };
            if token.is("super") {
                base.pop();
            }
            at += 2;
            while tokens.get(at).is_some_and(|token| token.is("super")) {
                base.pop();
                at += 2;
            }
            let mut ends = Vec::new();
            at = spell_out(tokens, at, &base, &mut ends);
            found.extend(ends.into_iter().map(|to| Reference { from: from.clone(), to }));
            continue;
        }
        at += 1;
    }
    found
}

fn word(tokens: &[Token], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(Token::Word(word)) => Some(word.clone()),
        _ => None,
    }
}

/// Reads a path, or a group of paths, that begins at `at`; answers where it ends.
fn spell_out(
    tokens: &[Token],
    mut at: usize,
    base: &[String],
    ends: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = base.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Word(word)) => {
                if word != "self" {
                    path.push(word.clone());
                }
                at += 1;
            }
            Some(Token::Sign('*')) => {
                path.push("*".to_owned());
                at += 1;
            }
            Some(Token::Sign('{')) => {
                at += 1;
                while !matches!(tokens.get(at), None | Some(Token::Sign('}'))) {
                    at = spell_out(tokens, at, &path, ends);
                    while !matches!(tokens.get(at), None | Some(Token::Sign(',' | '}'))) {
                        at += 1;
                    }
                    if tokens.get(at) == Some(&Token::Sign(',')) {
                        at += 1;
                    }
                }
                return at + 1;
            }
            _ => break,
        }
        if tokens.get(at) == Some(&Token::Colons) {
            at += 1;
        } else {
            break;
        }
    }
    ends.push(path);
    at
}
