package refconn;

import org.identityconnectors.framework.common.exceptions.ConfigurationException;
import org.identityconnectors.framework.spi.ConfigurationProperty;

/** The properties that the connector goes by; `crates/icf-reference/README.md` says what they mean. */
public final class ReferenceConfiguration extends ArrayProperties {

    private String world = "default";
    private int objects;
    private boolean judgesFilters;
    private boolean revisions;
    private String[] faults;
    private String note;

    @ConfigurationProperty(order = 1, required = true)
    public String getWorld() {
        return world;
    }

    public void setWorld(String value) {
        world = value;
    }

    @ConfigurationProperty(order = 2)
    public int getObjects() {
        return objects;
    }

    public void setObjects(int value) {
        objects = value;
    }

    @ConfigurationProperty(order = 3)
    public boolean getJudgesFilters() {
        return judgesFilters;
    }

    public void setJudgesFilters(boolean value) {
        judgesFilters = value;
    }

    @ConfigurationProperty(order = 4)
    public boolean getRevisions() {
        return revisions;
    }

    public void setRevisions(boolean value) {
        revisions = value;
    }

    @ConfigurationProperty(groupMessageKey = "world.group")
    public String[] getFaults() {
        return faults;
    }

    public void setFaults(String[] value) {
        faults = value;
    }

    public String getNote() {
        return note;
    }

    public void setNote(String value) {
        note = value;
    }

    @Override
    public void validate() {
        String fault = fault("validate");
        if (fault != null && !fault.equals("null")) {
            throw Orders.askedFor(fault);
        }
        if (world == null || world.isBlank()) {
            throw new ConfigurationException("The name of the world is missing.");
        }
    }

    /** Changes the note as a connector does by itself, and tells the framework. */
    void changeNote(String value) {
        note = value;
        notifyConfigurationUpdate();
    }

    private String fault(String place) {
        if (faults != null) {
            for (String fault : faults) {
                if (fault != null && fault.startsWith(place + "=")) {
                    return fault.substring(place.length() + 1);
                }
            }
        }
        return null;
    }

    /** Fails if it is to at this place; true if null is to be answered. */
    boolean obey(String place) {
        String fault = fault(place);
        if (fault == null || fault.equals("null")) {
            return fault != null;
        }
        throw Orders.askedFor(fault);
    }
}
