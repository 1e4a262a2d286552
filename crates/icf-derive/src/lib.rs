//! `#[derive(Configuration)]`: a plain struct becomes a set of ICF configuration properties.
//!
//! ```ignore
//! #[derive(Clone, Default, icf::Configuration)]
//! #[icf(validate = Self::check)]
//! struct Settings {
//!     /// Where the service listens.
//!     #[icf(order = 1, required)]
//!     host: String,
//!     #[icf(name = "client_secret", order = 2, confidential, group = "basic.group")]
//!     secret: GuardedString,
//! }
//! ```
//!
//! Defaults are those of the struct's `Default`. A field's property name is its name in camelCase unless given.
//! Options of a field: `name`, `order`, `required`, `confidential`, `display`, `help`, `group` (message keys),
//! `operations(Search, Sync)`, `skip` for a field that is no property, and `flatten` for one whose type is a
//! configuration itself: its properties, with its defaults, become properties of this one. A field with options but no
//! `order` has order -1, one without options 0, as in the Java framework. Options of the struct: `validate = path` names
//! a function `fn(&Self) -> icf::Result<()>` run after the check of required properties; `own_required_check` leaves that
//! check to it; `advertised = path` names a function `fn(&mut icf::ConfigurationProperty)` that has the last word on each
//! property that is told to callers.

mod attributes;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Fields, parse_macro_input};

use attributes::{FieldOptions, StructOptions};

/// Derives `icf::Configuration`; see the crate documentation.
#[proc_macro_derive(Configuration, attributes(icf))]
pub fn configuration(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(input: &DeriveInput) -> syn::Result<Tokens> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "a configuration is a struct with named fields"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new_spanned(&input.ident, "a configuration is a struct with named fields"));
    };
    let options = StructOptions::parse(&input.attrs)?;
    let fields = fields.named.iter().map(FieldOptions::parse).collect::<syn::Result<Vec<_>>>()?;
    let (flattened, fields): (Vec<_>, Vec<_>) =
        fields.into_iter().filter(|field| !field.skip).partition(|field| field.flatten);
    let (inner, inner_types): (Vec<_>, Vec<_>) =
        flattened.into_iter().map(|field| (field.ident, field.ty)).unzip();

    let properties = fields.iter().map(property);
    let setters = fields.iter().map(|field| {
        let (ident, name) = (&field.ident, &field.name);
        quote! {
            #name => {
                self.#ident =
                    ::icf::PropertyValue::from_value(value).map_err(|mismatch| mismatch.into_error(#name))?;
                Ok(())
            }
        }
    });
    let values = fields.iter().map(|field| {
        let (ident, name) = (&field.ident, &field.name);
        quote! { (#name, ::icf::PropertyValue::to_value(&self.#ident)) }
    });
    let required = fields.iter().filter(|field| field.required && !options.own_required_check).map(|field| {
        let (ident, name) = (&field.ident, &field.name);
        quote! {
            if ::icf::PropertyValue::is_missing(&self.#ident) {
                return Err(::icf::ConnectorError::configuration(concat!(
                    "Configuration property '", #name, "' is required and has no value; set it in the connection's configurationProperties"
                )));
            }
        }
    });
    let check = options.validate.map(|path| quote! { #path(self)?; });
    let advertised = options.advertised.map(|path| quote! { properties.iter_mut().for_each(#path); });
    let ident = &input.ident;
    let type_name = ident.to_string();
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        impl #generics ::icf::Configuration for #ident #arguments #bounds {
            fn properties() -> ::std::vec::Vec<::icf::ConfigurationProperty> {
                let defaults = <Self as ::core::default::Default>::default();
                let mut properties: ::std::vec::Vec<::icf::ConfigurationProperty> = ::std::vec![#(#properties),*];
                #(properties.extend(<#inner_types as ::icf::Configuration>::properties());)*
                #advertised
                properties.sort_by_key(|property| property.order);
                properties
            }

            fn set(&mut self, name: &str, value: &::icf::Value) -> ::icf::Result<()> {
                match name {
                    #(#setters)*
                    #(_ if <#inner_types as ::icf::Configuration>::properties().iter().any(|known| known.name == name) => {
                        ::icf::Configuration::set(&mut self.#inner, name, value)
                    })*
                    _ => Err(::icf::ConnectorError::configuration(::std::format!(
                        "java.lang.IllegalArgumentException: Class '{}' does not have a property '{name}'.", #type_name
                    ))),
                }
            }

            fn values(&self) -> ::std::vec::Vec<(&'static str, ::icf::Value)> {
                let mut values: ::std::vec::Vec<(&'static str, ::icf::Value)> = ::std::vec![#(#values),*];
                #(values.extend(::icf::Configuration::values(&self.#inner));)*
                let order: ::std::vec::Vec<_> = Self::properties().into_iter().map(|property| property.name).collect();
                values.sort_by_key(|(name, _)| order.iter().position(|candidate| candidate == name));
                values
            }

            fn validate(&self) -> ::icf::Result<()> {
                #(#required)*
                #(::icf::Configuration::validate(&self.#inner)?;)*
                #check
                Ok(())
            }
        }
    })
}

fn property(field: &FieldOptions) -> Tokens {
    let FieldOptions { ident, name, order, required, confidential, operations, ty, .. } = field;
    let key = |given: &Option<String>, field: &str| {
        given.as_ref().map(|key| {
            let member = quote::format_ident!("{field}");
            quote! { property.#member = Some(#key.to_owned()); }
        })
    };
    let display = key(&field.display, "display_key");
    let help = key(&field.help, "help_key");
    let group = key(&field.group, "group_key");
    quote! {{
        let mut property = ::icf::ConfigurationProperty::new(
            #name,
            <#ty as ::icf::PropertyValue>::value_type(),
            ::icf::PropertyValue::to_value(&defaults.#ident),
        );
        property.order = #order;
        property.required = #required;
        property.confidential = #confidential;
        property.operations = [#(::icf::ApiOperation::#operations),*].into_iter().collect();
        #display
        #help
        #group
        property
    }}
}
