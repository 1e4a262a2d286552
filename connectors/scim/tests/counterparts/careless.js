// A SCIM service as someone puts it together in an afternoon: SCIMMY with handlers that keep what they get, look at no
// filter and at no page, and answer with everything.
import express from "express";
import SCIMMY from "scimmy";
import routers from "scimmy-routers";

const store = { User: new Map(), Group: new Map() };
let next = 0;

function keep(name) {
    const all = store[name];
    return [
        (resource, data) => {
            const taken = [...all.values()].some(
                (other) => name === "User" && other.id !== resource.id && other.userName === data.userName);
            if (taken) {
                throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
            }
            const id = resource.id ?? String(++next);
            all.set(id, { ...JSON.parse(JSON.stringify(data)), id });
            return all.get(id);
        },
        (resource) => {
            if (resource.id && !all.has(resource.id)) {
                throw new SCIMMY.Types.Error(404, null, `There is no ${resource.id}`);
            }
            return resource.id ? all.get(resource.id) : [...all.values()];
        },
        (resource) => {
            if (!all.delete(resource.id)) {
                throw new SCIMMY.Types.Error(404, null, `There is no ${resource.id}`);
            }
        },
    ];
}

for (const name of ["User", "Group"]) {
    const [ingress, egress, degress] = keep(name);
    SCIMMY.Resources.declare(SCIMMY.Resources[name]).ingress(ingress).egress(egress).degress(degress);
}
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);

const application = express();
application.use("/v2", new routers({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== "Bearer tok") {
            throw new Error("who is that?");
        }
        return "connector";
    },
}));
const listener = application.listen(0, "127.0.0.1", () => console.log(`port ${listener.address().port}`));
