//! Reads Rust source as tokens and gives every path in it, resolved as far as the file itself tells.
//!
//! Tokens rather than a syntax tree, so that paths inside macros, attributes and macro definitions are seen too.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A path that a file names.
#[derive(Debug)]
pub struct Named {
    /// The module that names it, from its crate: `quell::aws::tests`.
    pub module: String,
    /// Whether it stands in code that is built for tests alone.
    pub test: bool,
    /// File and line.
    pub place: String,
    /// What is named: `quell::timeline::Permit`, `std::time::Instant::now`; a method is `.elapsed`.
    pub path: String,
}

/// A module that is declared here and has a file of its own.
struct Declared {
    module: Vec<String>,
    test: bool,
    path: Option<String>,
}

/// A path as it is written.
struct Raw {
    module: Vec<String>,
    test: bool,
    line: usize,
    segments: Vec<String>,
    /// The name that a `use` gives it in its module.
    alias: Option<String>,
}

#[derive(Clone)]
struct Scope {
    module: Vec<String>,
    test: bool,
}

#[derive(Default)]
struct Scan {
    raw: Vec<Raw>,
    declared: Vec<Declared>,
    /// Every module of the file, those with files of their own too.
    modules: Vec<Vec<String>>,
}

/// Every path named by a crate, from its root file on, and the files that it is made of.
pub fn read_crate(name: &str, root: &Path) -> (Vec<Named>, Vec<PathBuf>) {
    let mut named = Vec::new();
    let mut files = Vec::new();
    let mut open = vec![(root.to_path_buf(), Scope { module: vec![name.to_owned()], test: false })];
    while let Some((file, scope)) = open.pop() {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let scan = Scan::of(&text, &scope);
        for declared in &scan.declared {
            let inside = &declared.module[scope.module.len()..];
            let next = Scope { module: declared.module.clone(), test: declared.test };
            open.push((module_file(&file, inside, declared.path.as_deref()), next));
        }
        named.extend(scan.resolve(&file.display().to_string()));
        files.push(file);
    }
    (named, files)
}

/// Every path named by one source text that is this module.
pub fn read_text(text: &str, module: &str) -> Vec<Named> {
    let module = module.split("::").map(str::to_owned).collect();
    Scan::of(text, &Scope { module, test: false }).resolve("planted")
}

fn module_file(parent: &Path, inside: &[String], path: Option<&str>) -> PathBuf {
    let folder = parent.parent().unwrap();
    if let Some(path) = path {
        return folder.join(path);
    }
    let mut base = folder.to_path_buf();
    let stem = parent.file_stem().unwrap().to_str().unwrap();
    if !["mod", "lib", "main"].contains(&stem) {
        base.push(stem);
    }
    base.extend(inside);
    let flat = base.with_extension("rs");
    if flat.exists() { flat } else { base.join("mod.rs") }
}

impl Scan {
    fn of(text: &str, scope: &Scope) -> Self {
        let tokens: TokenStream = syn::parse_str(text).unwrap_or_else(|e| panic!("{}: {e}", scope.module.join("::")));
        let mut scan = Self { modules: vec![scope.module.clone()], ..Self::default() };
        scan.walk(&trees(tokens), scope);
        scan
    }

    fn walk(&mut self, tokens: &[TokenTree], scope: &Scope) {
        let mut scope = scope.clone();
        let mut path = None;
        let mut at = 0;
        while at < tokens.len() {
            if let Some((inner, attribute)) = attribute(&tokens[at..]) {
                let flat = attribute.to_string().replace(' ', "");
                path = flat.strip_prefix("path=").map(|p| p.trim_matches('"').to_owned()).or(path);
                self.strings(attribute.clone(), &scope);
                self.walk(&trees(attribute), &scope);
                at += if inner { 3 } else { 2 };
                if flat == "cfg(test)" || flat == "test" {
                    scope.test |= inner;
                    let end = at + if inner { 0 } else { item_end(&tokens[at..]) };
                    let (item, test) = (&tokens[at..end], Scope { test: true, ..scope.clone() });
                    self.item(item, &test, &mut path);
                    at = end;
                }
                continue;
            }
            at += self.step(&tokens[at..], &scope, &mut path);
        }
    }

    fn item(&mut self, tokens: &[TokenTree], scope: &Scope, path: &mut Option<String>) {
        let mut at = 0;
        while at < tokens.len() {
            if let Some((_, attribute)) = attribute(&tokens[at..]) {
                let flat = attribute.to_string().replace(' ', "");
                *path = flat.strip_prefix("path=").map(|p| p.trim_matches('"').to_owned()).or(path.take());
            }
            at += self.step(&tokens[at..], scope, path);
        }
    }

    /// Takes what stands at the front; gives how many tokens that was.
    fn step(&mut self, tokens: &[TokenTree], scope: &Scope, path: &mut Option<String>) -> usize {
        match tokens {
            [TokenTree::Group(group), ..] => {
                self.walk(&trees(group.stream()), scope);
                1
            }
            [TokenTree::Ident(key), TokenTree::Ident(name), end, ..] if key == "mod" => {
                let module = [scope.module.clone(), vec![name.to_string()]].concat();
                self.modules.push(module.clone());
                match end {
                    TokenTree::Group(group) => {
                        self.walk(&trees(group.stream()), &Scope { module, test: scope.test });
                    }
                    _ => self.declared.push(Declared { module, test: scope.test, path: path.take() }),
                }
                3
            }
            [TokenTree::Ident(key), TokenTree::Ident(name), TokenTree::Ident(krate), ..]
                if key == "extern" && name == "crate" =>
            {
                self.note(scope, krate.span().start().line, vec![krate.to_string()], None);
                3
            }
            [TokenTree::Ident(key), ..] if key == "use" => self.import(tokens, scope),
            [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(_), ..] if dot.as_char() == '.' => {
                let line = method.span().start().line;
                self.note(scope, line, vec![String::from(".") + &method.to_string()], None);
                2
            }
            [TokenTree::Ident(first), ..] => {
                let line = first.span().start().line;
                let segments = segments(tokens);
                let taken = 1 + (segments.len() - 1) * 3;
                if segments.len() > 1 {
                    self.note(scope, line, segments, None);
                }
                taken
            }
            _ => 1,
        }
    }

    fn import(&mut self, tokens: &[TokenTree], scope: &Scope) -> usize {
        let line = tokens[0].span().start().line;
        let end = tokens.iter().position(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ';'));
        let Some(end) = end else { return 1 };
        let item: TokenStream = tokens[..=end].iter().cloned().collect();
        let Ok(item) = syn::parse2::<syn::ItemUse>(item) else { return 1 };
        let mut found = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut found);
        for (segments, alias) in found {
            self.note(scope, line, segments, Some(alias));
        }
        end + 1
    }

    /// Paths inside the strings of an attribute, as serde has them.
    fn strings(&mut self, attribute: TokenStream, scope: &Scope) {
        if attribute.to_string().starts_with("doc") {
            return;
        }
        for tree in attribute {
            match tree {
                TokenTree::Group(group) => self.strings(group.stream(), scope),
                TokenTree::Literal(literal) => {
                    let line = literal.span().start().line;
                    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok();
                    if let Some(path) = text.and_then(|t| t.parse::<syn::Path>().ok()).filter(|p| p.segments.len() > 1)
                    {
                        let segments = path.segments.iter().map(|s| s.ident.to_string()).collect();
                        self.note(scope, line, segments, None);
                    }
                }
                _ => {}
            }
        }
    }

    fn note(&mut self, scope: &Scope, line: usize, segments: Vec<String>, alias: Option<String>) {
        self.raw.push(Raw { module: scope.module.clone(), test: scope.test, line, segments, alias });
    }

    fn resolve(&self, file: &str) -> Vec<Named> {
        let mut aliases: BTreeMap<(&[String], &str), &Raw> = BTreeMap::new();
        for raw in &self.raw {
            if let Some(alias) = &raw.alias {
                aliases.insert((&raw.module, alias), raw);
            }
        }
        let named = |raw: &Raw| Named {
            module: raw.module.join("::"),
            test: raw.test,
            place: format!("{file}:{}", raw.line),
            path: self.full(&aliases, &raw.module, &raw.segments, 4).join("::"),
        };
        self.raw.iter().map(named).collect()
    }

    /// The path from its crate on, as far as this file says where its first name comes from.
    fn full(
        &self,
        aliases: &BTreeMap<(&[String], &str), &Raw>,
        module: &[String],
        path: &[String],
        depth: u8,
    ) -> Vec<String> {
        let (first, rest) = (&path[0], &path[1..]);
        match first.as_str() {
            "crate" => return [&module[..1], rest].concat(),
            "self" => return [module, rest].concat(),
            "super" => {
                let above = &module[..module.len().max(2) - 1];
                return match rest.first().map(String::as_str) {
                    Some("super") => self.full(aliases, above, rest, depth),
                    _ => [above, rest].concat(),
                };
            }
            _ => {}
        }
        // Names of the modules around it are looked at too: most of them come by `use super::*`.
        for length in (1..=module.len()).rev() {
            let here = &module[..length];
            let child = [here, std::slice::from_ref(first)].concat();
            if self.modules.contains(&child) {
                return [&child, rest].concat();
            }
            if let Some(raw) = aliases.get(&(here, first.as_str())).filter(|r| depth > 0 && r.segments != path) {
                let start = self.full(aliases, &raw.module, &raw.segments, depth - 1);
                return [&start, rest].concat();
            }
        }
        path.to_vec()
    }
}

fn trees(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

/// An attribute at the front: whether it is an inner one, and what stands in its brackets.
fn attribute(tokens: &[TokenTree]) -> Option<(bool, TokenStream)> {
    let is = |tree: &TokenTree, c| matches!(tree, TokenTree::Punct(p) if p.as_char() == c);
    let (inner, group) = match tokens {
        [hash, bang, TokenTree::Group(group), ..] if is(hash, '#') && is(bang, '!') => (true, group),
        [hash, TokenTree::Group(group), ..] if is(hash, '#') => (false, group),
        _ => return None,
    };
    (group.delimiter() == Delimiter::Bracket).then(|| (inner, group.stream()))
}

/// How many tokens the item at the front has: to its semicolon or its braces.
fn item_end(tokens: &[TokenTree]) -> usize {
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Punct(p) => p.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let import = matches!(tokens.first(), Some(TokenTree::Ident(key)) if key == "use");
    let end = match import {
        true => tokens.iter().position(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ';')),
        false => tokens.iter().position(ends),
    };
    end.map_or(tokens.len(), |at| at + 1)
}

/// `a::b::c` at the front; `a` alone when no `::` and name follow.
fn segments(tokens: &[TokenTree]) -> Vec<String> {
    let colon = |tree: &TokenTree| matches!(tree, TokenTree::Punct(p) if p.as_char() == ':');
    let mut segments = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(name), after @ ..] = rest {
        segments.push(name.to_string());
        match after {
            [one, two, next @ ..] if colon(one) && colon(two) => rest = next,
            _ => break,
        }
    }
    segments
}

fn flatten(tree: &syn::UseTree, prefix: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    let mut whole = |name: String, alias: String| {
        let path = if name == "self" { prefix.clone() } else { [prefix.clone(), vec![name]].concat() };
        let alias = if alias == "self" { path.last().cloned().unwrap_or_default() } else { alias };
        found.push((path, alias));
    };
    match tree {
        syn::UseTree::Name(name) => whole(name.ident.to_string(), name.ident.to_string()),
        syn::UseTree::Rename(rename) => whole(rename.ident.to_string(), rename.rename.to_string()),
        syn::UseTree::Glob(_) => whole("*".into(), "*".into()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, prefix, found)),
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, found);
            prefix.pop();
        }
    }
}
