package driver;

import com.google.gson.JsonElement;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import org.forgerock.openicf.framework.ConnectorFramework;

/** A framework that hosts the connector bundles named by `bundles` (paths of jar files): the Java connector server. */
final class Host {

    private Host() {
    }

    static ConnectorFramework framework(Args args) throws MalformedURLException {
        ConnectorFramework framework = new ConnectorFramework(Host.class.getClassLoader());
        List<URL> bundles = new ArrayList<>();
        for (JsonElement path : args.array("bundles")) {
            bundles.add(new File(path.getAsString()).toURI().toURL());
        }
        framework.getLocalManager().addConnectorBundle(bundles);
        return framework;
    }

    /** Client mode: dials an IDM, with the same arguments as `connect`. */
    static Peer dial(Args args) throws Exception {
        return Dialer.dial(framework(args), args);
    }
}
