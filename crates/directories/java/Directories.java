import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;

/**
 * Directories in memory, one for each line of the input, which gives the vendor's name and the version that it shows,
 * parted by a tab. Answers the port. Ends with its input.
 */
final class Directories {
  public static void main(String[] arguments) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (var line = input.readLine(); line != null; line = input.readLine()) {
      var shown = line.split("\t", -1);
      var settings = new InMemoryDirectoryServerConfig("dc=example,dc=com");
      settings.addAdditionalBindCredentials("cn=Directory Manager", "Secret12");
      settings.setVendorName(shown[0].isEmpty() ? null : shown[0]);
      settings.setVendorVersion(shown[1].isEmpty() ? null : shown[1]);
      settings.setMaxChangeLogEntries(10000);
      settings.setListenerConfigs(
          InMemoryListenerConfig.createLDAPConfig("plain", InetAddress.getLoopbackAddress(), 0, null));
      var server = new InMemoryDirectoryServer(settings);
      server.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
      for (var branch : new String[] {"People", "Staff", "Groups"}) {
        server.add("dn: ou=" + branch + ",dc=example,dc=com", "objectClass: organizationalUnit", "ou: " + branch);
      }
      server.startListening();
      System.out.println(server.getListenPort());
    }
    // Listening servers would go on without their input.
    System.exit(0);
  }
}
