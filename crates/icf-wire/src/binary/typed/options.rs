//! Operation options.

use icf::{OperationOptions, Value};

use super::{Raw, Read, Write, Writer, require, value};

pub(super) fn write(w: &mut Writer<'_>, options: &OperationOptions) -> Write {
    w.object("OperationOptions", |w| w.named("options", |w| value::write_map(w, &options.options)))
}

pub(crate) fn read(raw: &Raw<'_>) -> Read<OperationOptions> {
    raw.expect("OperationOptions")?;
    let options = raw.object("options")?.map_or(Ok(icf::ValueMap::default()), |map| value::read_map(&map))?;
    let named = options.iter().all(|(name, _)| matches!(name, Value::String(_)));
    require(named, "The name of an option must be a text")?;
    Ok(OperationOptions { options })
}
