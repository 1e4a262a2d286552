//! The connector itself: opened from its settings, it works on its world.

use std::sync::Arc;

use icf::operations::{SchemaOp, TestOp};
use icf::{CallContext, ConfigurationHandle, Connector, Result, Schema, async_trait};

use crate::schema;
use crate::settings::Settings;
use crate::world::{Counters, World};

/// The reference connector.
#[derive(Debug)]
pub struct Reference {
    pub(crate) configuration: ConfigurationHandle<Settings>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) world: Arc<World>,
}

icf::operations!(Reference);

#[async_trait]
impl Connector for Reference {
    type Configuration = Settings;
    const POOLABLE: bool = true;

    async fn open(configuration: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        let settings = configuration.get();
        settings.obey("init")?;
        let world = World::of(&settings);
        Counters::count(&world.counters.opened);
        Ok(Self { configuration, settings, world })
    }

    async fn check_alive(&self) -> Result<()> {
        self.settings.obey("checkAlive").map(drop)
    }

    async fn dispose(&self) {
        Counters::count(&self.world.counters.disposed);
    }
}

#[async_trait]
impl TestOp for Reference {
    async fn test(&self, _: &CallContext) -> Result<()> {
        self.settings.obey("test").map(drop)
    }
}

#[async_trait]
impl SchemaOp for Reference {
    async fn schema(&self, _: &CallContext) -> Result<Option<Schema>> {
        if self.settings.obey("schema")? { Ok(None) } else { schema::schema().map(Some) }
    }
}
