//! Reads the `#[icf(...)]` options of a struct and its fields.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, ExprPath, Field, Ident, LitInt, LitStr, Token, Type};

/// Options of the struct.
#[derive(Default)]
pub(crate) struct StructOptions {
    pub(crate) validate: Option<ExprPath>,
    pub(crate) own_required_check: bool,
    pub(crate) advertised: Option<ExprPath>,
}

impl StructOptions {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("icf")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("validate") {
                    options.validate = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("own_required_check") {
                    options.own_required_check = true;
                } else if meta.path.is_ident("advertised") {
                    options.advertised = Some(meta.value()?.parse()?);
                } else {
                    return Err(
                        meta.error("unknown option; known are validate, own_required_check and advertised")
                    );
                }
                Ok(())
            })?;
        }
        Ok(options)
    }
}

/// A field and its options.
pub(crate) struct FieldOptions {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) name: String,
    pub(crate) order: i32,
    pub(crate) required: bool,
    pub(crate) confidential: bool,
    pub(crate) skip: bool,
    pub(crate) flatten: bool,
    pub(crate) display: Option<String>,
    pub(crate) help: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) operations: Vec<Ident>,
}

impl FieldOptions {
    pub(crate) fn parse(field: &Field) -> syn::Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new(field.span(), "a configuration has named fields"));
        };
        let mut options = Self {
            name: camel_case(&ident.to_string()),
            ident,
            ty: field.ty.clone(),
            order: 0,
            required: false,
            confidential: false,
            skip: false,
            flatten: false,
            display: None,
            help: None,
            group: None,
            operations: Vec::new(),
        };
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("icf")) {
            // An annotation without an order counts as -1 in the Java framework, no annotation as 0.
            options.order = -1;
            attribute.parse_nested_meta(|meta| options.option(&meta))?;
        }
        Ok(options)
    }

    fn option(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let text = || -> syn::Result<String> { Ok(meta.value()?.parse::<LitStr>()?.value()) };
        let Some(option) = meta.path.get_ident() else {
            return Err(meta.error("an option is one word"));
        };
        match option.to_string().as_str() {
            "name" => self.name = text()?,
            "order" => self.order = meta.value()?.parse::<LitInt>()?.base10_parse()?,
            "required" => self.required = true,
            "confidential" => self.confidential = true,
            "skip" => self.skip = true,
            "flatten" => self.flatten = true,
            "display" => self.display = Some(text()?),
            "help" => self.help = Some(text()?),
            "group" => self.group = Some(text()?),
            "operations" => {
                let list;
                syn::parenthesized!(list in meta.input);
                self.operations =
                    Punctuated::<Ident, Token![,]>::parse_terminated(&list)?.into_iter().collect();
            }
            _ => {
                return Err(meta.error(
                    "unknown option; known are name, order, required, confidential, skip, flatten, display, help, group, operations",
                ));
            }
        }
        Ok(())
    }
}

fn camel_case(snake: &str) -> String {
    let mut name = String::with_capacity(snake.len());
    let mut upper = false;
    for c in snake.trim_start_matches("r#").chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            name.extend(c.to_uppercase());
            upper = false;
        } else {
            name.push(c);
        }
    }
    name
}
