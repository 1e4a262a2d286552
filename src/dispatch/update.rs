//! Updates: handed to the connector, or, where values are to be added or removed and it can only replace, made of a read
//! and a replacement.

use icf::operations::UpdateOp;
use icf::writing::{self, ValueChange};
use icf::{ApiOperation, Result, Uid};
use icf_wire::rpc::Answer;

use super::arguments::Update;
use super::execute::{Execution, supported};
use super::normalize::Normal;

impl Execution<'_> {
    pub(super) async fn update(self, update: Update) -> Result<Answer> {
        let operation = supported(self.instance.update_op(), ApiOperation::Update)?;
        let Update { change, class, uid, attributes, options } = update;
        let normal = Normal::new(self.instance.normalizer(), &class);
        let (uid, attributes) = (normal.uid(uid), normal.attributes(attributes));
        let updated = match (change, self.instance.update_attribute_values_op()) {
            (None, _) => operation.update(self.cx, &class, &uid, attributes, &options).await?,
            (Some(ValueChange::Add), Some(own)) => {
                own.add_attribute_values(self.cx, &class, &uid, attributes, &options).await?
            }
            (Some(ValueChange::Remove), Some(own)) => {
                own.remove_attribute_values(self.cx, &class, &uid, attributes, &options).await?
            }
            (Some(change), None) => {
                let update = Update { change: Some(change), class: class.clone(), uid, attributes, options };
                self.merge_and_replace(operation, change, update).await?
            }
        };
        Ok(Answer::Uid(updated.map(|uid| normal.uid(uid))))
    }

    /// Reads the attributes concerned, merges, replaces. Neither locked nor checked for changes in between; the
    /// revision, if the caller gave one, is the target's to check.
    async fn merge_and_replace(
        self,
        operation: &dyn UpdateOp,
        change: ValueChange,
        update: Update,
    ) -> Result<Option<Uid>> {
        let Update { class, uid, attributes, options, .. } = update;
        self.instance.search_op().ok_or_else(writing::search_missing)?;
        let reading = options.clone().with_attributes_to_get(writing::names_of(&attributes));
        let object = self.get(&class, &uid, &reading).await?;
        let object = object.ok_or_else(|| writing::unknown_object(&uid, &class))?;
        let merged = writing::merge(change, &object, attributes);
        operation.update(self.cx, &class, &uid, merged, &options).await
    }
}
