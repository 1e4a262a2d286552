//! From a decoded request to a connector and back: which connector, with which configuration, on which instance, within
//! which limits, and what stands between its results and the caller.
//!
//! Start reading at [`Dispatcher::run`]. A request finds its `Facade` (a connector with one caller's
//! configuration), takes a `Lease` on an instance, and runs under supervision. A connector's
//! results pass their handlers inside its own push and land in the caller's [`Results`]: no task, no queue in between.
//!
//! It knows no socket and no bytes; the session gives it typed requests and encodes the results.

mod arguments;
mod batch;
mod call;
mod change;
mod dispatcher;
mod execute;
mod facade;
mod facades;
mod guard;
mod lease;
mod limit;
mod normalize;
mod outlet;
mod pool;
mod report;
mod search;
mod source;
mod subscription;
mod supervise;
mod sync;
mod tally;
mod update;
mod work;

pub use call::{
    Breaker, Call, ConfigurationChange, ConfigurationChangeNotifier, DispatchOptions, Protection, Results,
};
pub use dispatcher::Dispatcher;
pub use facade::{FacadeStatus, InstanceStatus};
pub use tally::{LastError, OperationFigures};
