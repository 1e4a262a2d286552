//! Deleting a resource, or disabling it where the service cannot delete.

use icf::{CallContext, ObjectClass, Result, Uid};
use icf_http::{Method, StatusCode};
use serde_json::Value as Json;

use super::{patch, put};
use crate::profile::DeleteMode;
use crate::refusal::Doing;
use crate::resource::Entry;
use crate::target::Target;

/// Deletes a resource.
pub(crate) async fn delete(cx: &CallContext, target: &Target, class: &ObjectClass, uid: &Uid) -> Result<()> {
    let budget = target.budget(cx);
    let model = target.model(&budget).await?;
    let kind = model.of_class(class)?;
    let mode = target.settings.knobs.delete_mode;
    let disable = async || {
        let entry =
            Entry { urn: None, name: "active".to_owned(), sub: None, multi: false, value: Json::Bool(false) };
        let entries = patch::Entries { set: vec![entry], ..patch::Entries::default() };
        if patch::is_possible(target, &model, kind) {
            patch::send(target, &budget, kind, uid.value(), &entries, Doing::Deleting).await.map(drop)
        } else {
            put::send(target, &budget, &model, kind, uid.value(), &entries, Doing::Deleting).await.map(drop)
        }
    };
    if mode == DeleteMode::Deactivate && kind.is_user() {
        return disable().await;
    }
    let path = Target::path_of(&kind.endpoint, uid.value());
    let answer = target.write(&budget, Method::DELETE, &path, None, None).await?;
    match answer.status {
        status if status.is_success() => Ok(()),
        // It was there when the first request went out, whose answer was lost.
        StatusCode::NOT_FOUND | StatusCode::GONE if answer.uncertain => Ok(()),
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED
            if mode == DeleteMode::Auto && kind.is_user() =>
        {
            disable().await
        }
        _ => Err(target.refusal(&answer).into_error(Doing::Deleting)),
    }
}
