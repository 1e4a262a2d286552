//! Where nothing is wrong.

use rcs::admin::{Admin, Metrics};
use rcs::config::{self, AdminListen, Inputs};
use rcs::serve::Server;
use tenant::TenantOptions;

use crate::bench::{Bench, tenant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_set_up_is_walked_to_the_end() {
    let tenant = tenant(TenantOptions { plain: false, ..TenantOptions::default() }).await;
    let examined = Bench::of(&tenant).trusting(tenant.ca_pem().unwrap()).examine().await;
    examined.exits_with(0).says("Nothing is wrong.");
    examined
        .says("  ok    dns            localhost is ")
        .says("certificate CN=localhost, issued by CN=Local tenant CA");
    examined
        .says("  ok    token          a token for client \"RCSClient\", which ends in 3")
        .says("  ok    upgrade        101 to GET ");
    examined.says("  ok    connectors     the tenant has read the list of ");
    assert_eq!(examined.report["well"], true);
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_that_claim_one_host_id_are_told() {
    let tenant = tenant(TenantOptions::default()).await;
    let bench = Bench::of(&tenant);
    bench.examine().await.exits_with(0);
    let file = bench.folder.path().join("rcs.properties");
    let mut inputs = Inputs::from_process(Some(file), Vec::new());
    inputs.environment.clear();
    let server = Server::start(config::load(&inputs).settings.unwrap(), Vec::new()).await.unwrap();
    let place = AdminListen::Tcp { host: "127.0.0.1".to_owned(), port: 0 };
    let admin = Admin::start(&place, server.view(), Metrics::install().unwrap()).await.unwrap().unwrap();
    let other = admin.address().unwrap().to_string();
    let bench = bench.argument("--server").argument(other);
    let examined = bench.examine().await;
    examined.stops_at("host-id", "host-id-twice").exits_with(4);
    examined.says("\"rcs1\" with hostId \"host-1\", as the one of this configuration");
    bench.line("hostId=host-2").examine().await.exits_with(0).says("which is another one");
    server.stop().await;
    admin.stop().await;
    tenant.shutdown().await;
}
