//! `PATCH` of an object: one read, grouped updates, one read.

use icf::{ApiOperation, Uid};
use icf_wire::rpc::UpdateKind;
use serde_json::{Value as Json, json};

use super::Collection;
use super::failure::Failing;
use super::patch_plan::PatchPlan;
use super::run_as::RunAs;
use crate::crest::{Answer, CrestError, parse_patch};
use crate::types::object_to_json;

impl Collection<'_> {
    pub(super) async fn patch(&self, id: &str, revision: Option<&str>) -> Result<Answer, CrestError> {
        self.admit(ApiOperation::Update)?;
        let operations = parse_patch(&self.request.content())?;
        let failing = self.failing("PATCH", Some(id));
        let mut uid = Self::uid(id, revision)?;
        let object = self.get(&uid).await.map_err(|error| failing.map(&error))?;
        let before: Json = match &object {
            Some(object) => object_to_json(self.object_type, object).map_err(CrestError::internal)?,
            None => json!({}),
        };
        let plan = |own: Option<bool>| {
            let wanted =
                |property: &crate::types::Property| own.is_none_or(|own| property.run_as_user == own);
            PatchPlan::make(&operations, self.object_type, &before, wanted)
        };
        match self.run_as(object.as_ref()) {
            None => uid = self.carry_out(plan(None)?, uid, None, &failing).await?,
            Some(run_as) => {
                // Both plans are made first, so that a fault in the second stops the first.
                let (own, rest) = (plan(Some(true))?, plan(Some(false))?);
                uid = self.carry_out(own, uid, Some(&run_as), &failing).await?;
                uid = self.carry_out(rest, uid, None, &failing).await?;
            }
        }
        self.show_after(&uid, &failing).await.map(Answer::ok)
    }

    async fn carry_out(
        &self,
        plan: PatchPlan,
        mut uid: Uid,
        run_as: Option<&RunAs>,
        failing: &Failing<'_>,
    ) -> Result<Uid, CrestError> {
        for (kind, attributes) in plan.calls() {
            let mut options = self.default_options();
            if let Some(run_as) = run_as {
                run_as.apply(&mut options);
            }
            match self.write(kind, &uid, attributes, options).await {
                Ok(after) => uid = after,
                Err(error) if kind == UpdateKind::Remove => {
                    // The real product swallows it, and callers have come to rely on that.
                    tracing::warn!(%uid, %error, "A value could not be removed; the patch goes on.");
                }
                Err(error) => return Err(failing.map(&error)),
            }
        }
        Ok(uid)
    }
}
