"""chart.py BINARY NAME FILE: what the schemas cannot say of the rendered chart: that its parts fit each other and the server."""

import os
import subprocess
import sys
import tempfile

import yaml

binary, name, file = sys.argv[1:]
with open(file, encoding="utf-8") as stream:
    things = [thing for thing in yaml.safe_load_all(stream) if thing]


def the(kind):
    return [thing for thing in things if thing["kind"] == kind]


def expect(what, expected, actual):
    if expected != actual:
        sys.exit(f"chart: FAILED: {name}: {what} is {actual!r} and not {expected!r}")


(stateful,) = the("StatefulSet")
(configuration,) = the("ConfigMap")
pod = stateful["spec"]["template"]
(container,) = pod["spec"]["containers"]
ports = {port["name"]: port["containerPort"] for port in container["ports"]}
labels = pod["metadata"]["labels"].items()

# Everything that selects pods selects these.
selectors = [service["spec"]["selector"] for service in the("Service")]
selectors += [budget["spec"]["selector"]["matchLabels"] for budget in the("PodDisruptionBudget")]
selectors += [policy["spec"]["podSelector"]["matchLabels"] for policy in the("NetworkPolicy")]
selectors.append(stateful["spec"]["selector"]["matchLabels"])
for selector in selectors:
    expect("what a selector wants and the pods do not have", set(), set(selector.items()) - set(labels))
expect("the Service of the pods' names", True, stateful["spec"]["serviceName"] in [s["metadata"]["name"] for s in the("Service")])

# What is optional is there when it is asked for.
expect("the number of disruption budgets", 0 if name == "minimal" else 1, len(the("PodDisruptionBudget")))
expect("the number of network policies", 0 if name == "minimal" else 1, len(the("NetworkPolicy")))
expect("the number of Secrets that are made", 1 if name == "minimal" else 0, len(the("Secret")))

# The probes ask what the server answers.
for probe, path in {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}.items():
    expect(probe, {"path": path, "port": "admin"}, container[probe]["httpGet"])

security = pod["spec"]["securityContext"] | container["securityContext"]
expect("the user", (True, 65532), (security["runAsNonRoot"], security["runAsUser"]))
expect("the root", True, security["readOnlyRootFilesystem"])
expect("the capabilities", {"drop": ["ALL"]}, security["capabilities"])
expect("privilege escalation", False, security["allowPrivilegeEscalation"])

# Two pods of the set as Kubernetes would make them: the server finds the configuration sound, and they differ.
properties = configuration["data"]["ConnectorServer.properties"]
expect("blank lines in the properties", False, "\n\n" in properties)
identities = set()
name_at_the_tenant = {"default": "rcs", "hardened": "hr"}
for index in range(2):
    pod_name = f"{stateful['metadata']['name']}-{index}"
    fields = {"metadata.name": pod_name, "metadata.labels['apps.kubernetes.io/pod-index']": str(index)}
    environment = {}
    with tempfile.TemporaryDirectory() as folder:
        for variable in container["env"]:
            value = variable.get("value")
            if value is None:
                value = fields[variable["valueFrom"]["fieldRef"]["fieldPath"]]
            for earlier, text in environment.items():
                value = value.replace(f"$({earlier})", text)
            if value.startswith("/run/secrets/rcs/"):
                value = os.path.join(folder, os.path.basename(value))
                with open(value, "w", encoding="utf-8") as stream:
                    stream.write("lmA6bMfENJGlIDbfrVtklXFK32s=")
            environment[variable["name"]] = value
        path = os.path.join(folder, "ConnectorServer.properties")
        with open(path, "w", encoding="utf-8") as stream:
            # The store of the hardened values is not here.
            stream.writelines(line + "\n" for line in properties.splitlines() if "keyStoreFile" not in line)
        environment.pop("RCS_KEY_STORE_PASS_FILE", None)
        check = subprocess.run([binary, "check", "--config", path], env=environment, capture_output=True, text=True)
    if check.returncode != 0:
        sys.exit(f"chart: FAILED: {name}: the server refuses its configuration:\n{check.stdout}{check.stderr}")
    told = {}
    for line in check.stdout.splitlines():
        key, separator, rest = line.partition(" = ")
        if separator:
            told[key.strip().removeprefix("connectorserver.")] = rest
    expect("the admin port", True, f"0.0.0.0:{ports['admin']}" in told["adminListen"])
    identities.add((environment["RCS_HOST_ID"], environment["RCS_CONNECTOR_SERVER_NAME"]))
    grace = pod["spec"]["terminationGracePeriodSeconds"]
    expect("time to drain", True, grace >= int(told["drainTimeout"].split(" ")[0]) + 15)
    if "url" in told:
        expect("the host id", pod_name, told["hostId"].split(" ")[0])
        expect("the name", name_at_the_tenant[name] + str(index), told["connectorServerName"].split(" ")[0])
expect("the number of identities of two pods", 2, len(identities))
