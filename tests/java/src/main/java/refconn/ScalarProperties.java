package refconn;

import java.io.File;
import java.net.URI;
import org.identityconnectors.common.script.Script;
import org.identityconnectors.common.security.GuardedByteArray;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.framework.spi.AbstractConfiguration;
import org.identityconnectors.framework.spi.ConfigurationProperty;
import org.identityconnectors.framework.spi.operations.SearchOp;
import org.identityconnectors.framework.spi.operations.SyncOp;

/** One property of every type that a property can have. They do nothing. */
public abstract class ScalarProperties extends AbstractConfiguration {

    private String stringValue = "default text";
    private long primitiveLongValue;
    private Long longValue;
    private char primitiveCharacterValue;
    private Character characterValue;
    private double primitiveDoubleValue;
    private Double doubleValue;
    private float primitiveFloatValue;
    private Float floatValue;
    private int primitiveIntValue = 7;
    private Integer integerValue;
    private boolean primitiveBooleanValue;
    private Boolean booleanValue;
    private URI uriValue;
    private File fileValue;
    private GuardedByteArray guardedByteArrayValue;
    private GuardedString guardedStringValue;
    private Script scriptValue;

    @ConfigurationProperty(order = 10, operations = {SearchOp.class, SyncOp.class})
    public String getStringValue() {
        return stringValue;
    }

    public void setStringValue(String value) {
        stringValue = value;
    }

    @ConfigurationProperty(order = 11)
    public long getPrimitiveLongValue() {
        return primitiveLongValue;
    }

    public void setPrimitiveLongValue(long value) {
        primitiveLongValue = value;
    }

    @ConfigurationProperty(order = 12,
            displayMessageKey = "longValue.name", helpMessageKey = "longValue.explanation", groupMessageKey = "numbers")
    public Long getLongValue() {
        return longValue;
    }

    public void setLongValue(Long value) {
        longValue = value;
    }

    @ConfigurationProperty(order = 13)
    public char getPrimitiveCharacterValue() {
        return primitiveCharacterValue;
    }

    public void setPrimitiveCharacterValue(char value) {
        primitiveCharacterValue = value;
    }

    @ConfigurationProperty(order = 14)
    public Character getCharacterValue() {
        return characterValue;
    }

    public void setCharacterValue(Character value) {
        characterValue = value;
    }

    @ConfigurationProperty(order = 15)
    public double getPrimitiveDoubleValue() {
        return primitiveDoubleValue;
    }

    public void setPrimitiveDoubleValue(double value) {
        primitiveDoubleValue = value;
    }

    @ConfigurationProperty(order = 16)
    public Double getDoubleValue() {
        return doubleValue;
    }

    public void setDoubleValue(Double value) {
        doubleValue = value;
    }

    @ConfigurationProperty(order = 17)
    public float getPrimitiveFloatValue() {
        return primitiveFloatValue;
    }

    public void setPrimitiveFloatValue(float value) {
        primitiveFloatValue = value;
    }

    @ConfigurationProperty(order = 18)
    public Float getFloatValue() {
        return floatValue;
    }

    public void setFloatValue(Float value) {
        floatValue = value;
    }

    @ConfigurationProperty(order = 19)
    public int getPrimitiveIntValue() {
        return primitiveIntValue;
    }

    public void setPrimitiveIntValue(int value) {
        primitiveIntValue = value;
    }

    @ConfigurationProperty(order = 20)
    public Integer getIntegerValue() {
        return integerValue;
    }

    public void setIntegerValue(Integer value) {
        integerValue = value;
    }

    @ConfigurationProperty(order = 21)
    public boolean getPrimitiveBooleanValue() {
        return primitiveBooleanValue;
    }

    public void setPrimitiveBooleanValue(boolean value) {
        primitiveBooleanValue = value;
    }

    @ConfigurationProperty(order = 22)
    public Boolean getBooleanValue() {
        return booleanValue;
    }

    public void setBooleanValue(Boolean value) {
        booleanValue = value;
    }

    @ConfigurationProperty(order = 23)
    public URI getUriValue() {
        return uriValue;
    }

    public void setUriValue(URI value) {
        uriValue = value;
    }

    @ConfigurationProperty(order = 24)
    public File getFileValue() {
        return fileValue;
    }

    public void setFileValue(File value) {
        fileValue = value;
    }

    @ConfigurationProperty(order = 25, confidential = true)
    public GuardedByteArray getGuardedByteArrayValue() {
        return guardedByteArrayValue;
    }

    public void setGuardedByteArrayValue(GuardedByteArray value) {
        guardedByteArrayValue = value;
    }

    @ConfigurationProperty(order = 26, confidential = true)
    public GuardedString getGuardedStringValue() {
        return guardedStringValue;
    }

    public void setGuardedStringValue(GuardedString value) {
        guardedStringValue = value;
    }

    @ConfigurationProperty(order = 27)
    public Script getScriptValue() {
        return scriptValue;
    }

    public void setScriptValue(Script value) {
        scriptValue = value;
    }
}
