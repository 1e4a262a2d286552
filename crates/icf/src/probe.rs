//! Finds out which operation traits a connector implements, so that nobody has to list them a second time.
//!
//! [`operations!`](crate::operations!) expands, for a concrete type, to calls on [`Probe`]. A method of `Probe` itself
//! exists only where the type implements the trait; otherwise the call falls through to the trait of the same method
//! name, which answers "no". Rust prefers the first whenever it applies.

use std::fmt;
use std::marker::PhantomData;

use crate::api::{ApiOperation, OperationSet};
use crate::connector::AttributeNormalizer;
use crate::operations as op;

/// Asks a type, and a value of it, for operation traits.
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

impl<T> Default for Probe<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Probe<T> {
    /// A probe of the type.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

macro_rules! probes {
    ($($method:ident, $fallback:ident, $($trait_:tt)::+;)*) => {
        /// The operation traits of a connector as objects. Implemented by [`operations!`](crate::operations!), not by
        /// hand.
        pub trait Operations: Send + Sync {
            /// The operations callers can use, derived from the implemented traits.
            fn supported() -> OperationSet where Self: Sized;
            $(
                #[doc = concat!("The connector as [`", stringify!($($trait_)::+), "`], if it is one.")]
                fn $method(&self) -> Option<&dyn $($trait_)::+>;
            )*
        }

        $(
            impl<T: $($trait_)::+ + 'static> Probe<T> {
                /// Implemented.
                #[must_use]
                pub fn $method<'a>(&self, value: Option<&'a T>) -> (bool, Option<&'a dyn $($trait_)::+>) {
                    (true, value.map(|value| value as &dyn $($trait_)::+))
                }
            }

            /// Answers for types that do not implement the trait.
            pub trait $fallback<T> {
                /// Not implemented.
                fn $method<'a>(&self, _value: Option<&'a T>) -> (bool, Option<&'a dyn $($trait_)::+>) {
                    (false, None)
                }
            }
            impl<T> $fallback<T> for Probe<T> {}
        )*
    };
}

probes! {
    authenticate_op, NoAuthenticate, op::AuthenticateOp;
    batch_op, NoBatch, op::BatchOp;
    connector_event_subscription_op, NoConnectorEvents, op::ConnectorEventSubscriptionOp;
    create_op, NoCreate, op::CreateOp;
    delete_op, NoDelete, op::DeleteOp;
    resolve_username_op, NoResolveUsername, op::ResolveUsernameOp;
    schema_op, NoSchema, op::SchemaOp;
    script_on_connector_op, NoScriptOnConnector, op::ScriptOnConnectorOp;
    script_on_resource_op, NoScriptOnResource, op::ScriptOnResourceOp;
    search_op, NoSearch, op::SearchOp;
    sync_op, NoSync, op::SyncOp;
    sync_event_subscription_op, NoSyncEvents, op::SyncEventSubscriptionOp;
    test_op, NoTest, op::TestOp;
    update_op, NoUpdate, op::UpdateOp;
    update_attribute_values_op, NoUpdateAttributeValues, op::UpdateAttributeValuesOp;
    normalizer, NoNormalizer, AttributeNormalizer;
}

/// Turns "implements this trait" into the operations a caller sees: search brings get; validate and scripts on the
/// connector are always there.
#[doc(hidden)]
#[must_use]
pub fn to_set(implemented: &[(bool, &[ApiOperation])]) -> OperationSet {
    let mut set = OperationSet::from([ApiOperation::Validate, ApiOperation::ScriptOnConnector]);
    for (_, operations) in implemented.iter().filter(|(implemented, _)| *implemented) {
        set.extend(operations.iter().copied());
    }
    set
}

/// Makes a connector's operation traits known: `icf::operations!(MyConnector);`. Nothing is listed; what the type
/// implements is found out by the compiler.
#[macro_export]
macro_rules! operations {
    ($connector:ty) => {
        const _: () = {
            // For a given type each trait is either needed as the fallback or shadowed by the real method.
            use $crate::ApiOperation as Op;
            use $crate::operations as op;
            use $crate::probe::Probe;
            #[allow(unused_imports)]
            use $crate::probe::{
                NoAuthenticate, NoBatch, NoConnectorEvents, NoCreate, NoDelete, NoNormalizer,
                NoResolveUsername, NoSchema, NoScriptOnConnector, NoScriptOnResource, NoSearch, NoSync,
                NoSyncEvents, NoTest, NoUpdate, NoUpdateAttributeValues,
            };

            impl $crate::probe::Operations for $connector {
                fn supported() -> $crate::OperationSet {
                    let probe = Probe::<$connector>::new();
                    $crate::probe::to_set(&[
                        (probe.authenticate_op(None).0, &[Op::Authenticate]),
                        (probe.batch_op(None).0, &[Op::Batch]),
                        (probe.connector_event_subscription_op(None).0, &[Op::ConnectorEventSubscription]),
                        (probe.create_op(None).0, &[Op::Create]),
                        (probe.delete_op(None).0, &[Op::Delete]),
                        (probe.resolve_username_op(None).0, &[Op::ResolveUsername]),
                        (probe.schema_op(None).0, &[Op::Schema]),
                        (probe.script_on_resource_op(None).0, &[Op::ScriptOnResource]),
                        (probe.search_op(None).0, &[Op::Search, Op::Get]),
                        (probe.sync_op(None).0, &[Op::Sync]),
                        (probe.sync_event_subscription_op(None).0, &[Op::SyncEventSubscription]),
                        (probe.test_op(None).0, &[Op::Test]),
                        (probe.update_op(None).0, &[Op::Update]),
                    ])
                }
                $crate::operations!(@as authenticate_op, op::AuthenticateOp, $connector);
                $crate::operations!(@as batch_op, op::BatchOp, $connector);
                $crate::operations!(
                    @as connector_event_subscription_op, op::ConnectorEventSubscriptionOp, $connector
                );
                $crate::operations!(@as create_op, op::CreateOp, $connector);
                $crate::operations!(@as delete_op, op::DeleteOp, $connector);
                $crate::operations!(@as resolve_username_op, op::ResolveUsernameOp, $connector);
                $crate::operations!(@as schema_op, op::SchemaOp, $connector);
                $crate::operations!(@as script_on_connector_op, op::ScriptOnConnectorOp, $connector);
                $crate::operations!(@as script_on_resource_op, op::ScriptOnResourceOp, $connector);
                $crate::operations!(@as search_op, op::SearchOp, $connector);
                $crate::operations!(@as sync_op, op::SyncOp, $connector);
                $crate::operations!(@as sync_event_subscription_op, op::SyncEventSubscriptionOp, $connector);
                $crate::operations!(@as test_op, op::TestOp, $connector);
                $crate::operations!(@as update_op, op::UpdateOp, $connector);
                $crate::operations!(@as update_attribute_values_op, op::UpdateAttributeValuesOp, $connector);
                $crate::operations!(@as normalizer, $crate::AttributeNormalizer, $connector);
            }
        };
    };
    (@as $method:ident, $trait_:path, $connector:ty) => {
        fn $method(&self) -> Option<&dyn $trait_> {
            Probe::<$connector>::new().$method(Some(self)).1
        }
    };
}
