//! What searches, synchronisations and subscriptions have in common: made-up items, pauses and failures between items.

use icf::{
    Attribute, CallContext, ConnectorObject, Flow, ObjectClass, OperationOptions, Result, SyncDelta,
    SyncDeltaType, Uid, Value,
};

use crate::connector::Reference;
use crate::describe::{describe_options, quoted};
use crate::orders::Orders;
use crate::world::{Counters, token};

/// Goes along with one stream.
#[derive(Debug)]
pub(crate) struct Pace<'a> {
    pub(crate) orders: Orders,
    cx: &'a CallContext,
    out: i32,
}

impl<'a> Pace<'a> {
    pub(crate) fn new(cx: &'a CallContext, options: &OperationOptions) -> Self {
        Self { orders: Orders::of(options), cx, out: 0 }
    }

    /// To be called before each item. A cancelled call goes on, and sees at the next item that nobody wants it.
    pub(crate) async fn before_item(&mut self) -> Result<()> {
        let _ = self.orders.pause(self.cx).await;
        self.orders.fail_after(self.out)?;
        self.out = self.out.saturating_add(1);
        Ok(())
    }

    /// To be called after the last item.
    pub(crate) async fn at_end(&self) -> Result<()> {
        let _ = self.orders.pause(self.cx).await;
        self.orders.fail_after(self.out)
    }

    /// The numbers of the made-up items, if there are to be any.
    pub(crate) fn made_up(&self) -> Option<Box<dyn Iterator<Item = i32> + Send>> {
        Some(match self.orders.generate? {
            endless if endless < 0 => Box::new(0..),
            many => Box::new(0..many),
        })
    }

    pub(crate) fn object(&self, class: &ObjectClass, i: i32) -> Result<ConnectorObject> {
        let uid = Uid::try_new(format!("g{i}"))?;
        let mut object = ConnectorObject::new(class.clone(), uid, format!("generated {i}"))
            .with(Attribute::single("number", i));
        if let Some(length) = self.orders.text_length.and_then(|length| usize::try_from(length).ok()) {
            object = object.with(Attribute::single("text", "x".repeat(length)));
        }
        Ok(object)
    }

    pub(crate) fn delta(&self, class: &ObjectClass, i: i32) -> Result<SyncDelta> {
        created(usize::try_from(i).unwrap_or(0) + 1, self.object(class, i)?)
    }
}

/// The appearance of an object.
pub(crate) fn created(number: usize, object: ConnectorObject) -> Result<SyncDelta> {
    Ok(SyncDelta {
        token: token(number)?,
        delta_type: SyncDeltaType::Create,
        previous_uid: None,
        object_class: Some(object.object_class.clone()),
        uid: object.uid.clone(),
        object: Some(object),
    })
}

/// The object that describes a call; `what` is its filter or its token, by that name.
pub(crate) fn call(
    class: &ObjectClass,
    what: (&'static str, String),
    options: &OperationOptions,
) -> Result<ConnectorObject> {
    Ok(ConnectorObject::new(class.clone(), Uid::try_new("call")?, "call")
        .with(Attribute::single("class", quoted(class.as_str())))
        .with(Attribute::single(what.0, Value::String(what.1)))
        .with(Attribute::single("options", describe_options(options))))
}

impl Reference {
    /// Whether a stream ends here; counts those that would go on for ever.
    pub(crate) fn ends(&self, pace: &Pace<'_>, flow: Flow) -> bool {
        let ends = flow == Flow::Stop || pace.cx.is_cancelled();
        if ends && pace.orders.generate.is_none_or(|many| many < 0) {
            Counters::count(&self.world.counters.stopped);
        }
        ends
    }
}
