package refconn;

import java.io.File;
import java.net.URI;
import org.identityconnectors.common.script.Script;
import org.identityconnectors.common.security.GuardedByteArray;
import org.identityconnectors.common.security.GuardedString;
import org.identityconnectors.framework.spi.ConfigurationProperty;

/** Arrays of every type that a property can have. They do nothing. */
public abstract class ArrayProperties extends ScalarProperties {

    private String[] stringValues = {"a", "b"};
    private long[] primitiveLongValues;
    private Long[] longValues;
    private char[] primitiveCharacterValues;
    private Character[] characterValues;
    private double[] primitiveDoubleValues;
    private Double[] doubleValues;
    private float[] primitiveFloatValues;
    private Float[] floatValues;
    private int[] primitiveIntValues;
    private Integer[] integerValues;
    private boolean[] primitiveBooleanValues;
    private Boolean[] booleanValues;
    private URI[] uriValues;
    private File[] fileValues;
    private GuardedByteArray[] guardedByteArrayValues;
    private GuardedString[] guardedStringValues;
    private Script[] scriptValues;

    @ConfigurationProperty(order = 28)
    public String[] getStringValues() {
        return stringValues;
    }

    public void setStringValues(String[] value) {
        stringValues = value;
    }

    @ConfigurationProperty(order = 29)
    public long[] getPrimitiveLongValues() {
        return primitiveLongValues;
    }

    public void setPrimitiveLongValues(long[] value) {
        primitiveLongValues = value;
    }

    @ConfigurationProperty(order = 30)
    public Long[] getLongValues() {
        return longValues;
    }

    public void setLongValues(Long[] value) {
        longValues = value;
    }

    @ConfigurationProperty(order = 31)
    public char[] getPrimitiveCharacterValues() {
        return primitiveCharacterValues;
    }

    public void setPrimitiveCharacterValues(char[] value) {
        primitiveCharacterValues = value;
    }

    @ConfigurationProperty(order = 32)
    public Character[] getCharacterValues() {
        return characterValues;
    }

    public void setCharacterValues(Character[] value) {
        characterValues = value;
    }

    @ConfigurationProperty(order = 33)
    public double[] getPrimitiveDoubleValues() {
        return primitiveDoubleValues;
    }

    public void setPrimitiveDoubleValues(double[] value) {
        primitiveDoubleValues = value;
    }

    @ConfigurationProperty(order = 34)
    public Double[] getDoubleValues() {
        return doubleValues;
    }

    public void setDoubleValues(Double[] value) {
        doubleValues = value;
    }

    @ConfigurationProperty(order = 35)
    public float[] getPrimitiveFloatValues() {
        return primitiveFloatValues;
    }

    public void setPrimitiveFloatValues(float[] value) {
        primitiveFloatValues = value;
    }

    @ConfigurationProperty(order = 36)
    public Float[] getFloatValues() {
        return floatValues;
    }

    public void setFloatValues(Float[] value) {
        floatValues = value;
    }

    @ConfigurationProperty(order = 37)
    public int[] getPrimitiveIntValues() {
        return primitiveIntValues;
    }

    public void setPrimitiveIntValues(int[] value) {
        primitiveIntValues = value;
    }

    @ConfigurationProperty(order = 38)
    public Integer[] getIntegerValues() {
        return integerValues;
    }

    public void setIntegerValues(Integer[] value) {
        integerValues = value;
    }

    @ConfigurationProperty(order = 39)
    public boolean[] getPrimitiveBooleanValues() {
        return primitiveBooleanValues;
    }

    public void setPrimitiveBooleanValues(boolean[] value) {
        primitiveBooleanValues = value;
    }

    @ConfigurationProperty(order = 40)
    public Boolean[] getBooleanValues() {
        return booleanValues;
    }

    public void setBooleanValues(Boolean[] value) {
        booleanValues = value;
    }

    @ConfigurationProperty(order = 41)
    public URI[] getUriValues() {
        return uriValues;
    }

    public void setUriValues(URI[] value) {
        uriValues = value;
    }

    @ConfigurationProperty(order = 42)
    public File[] getFileValues() {
        return fileValues;
    }

    public void setFileValues(File[] value) {
        fileValues = value;
    }

    @ConfigurationProperty(order = 43, confidential = true)
    public GuardedByteArray[] getGuardedByteArrayValues() {
        return guardedByteArrayValues;
    }

    public void setGuardedByteArrayValues(GuardedByteArray[] value) {
        guardedByteArrayValues = value;
    }

    @ConfigurationProperty(order = 44, confidential = true)
    public GuardedString[] getGuardedStringValues() {
        return guardedStringValues;
    }

    public void setGuardedStringValues(GuardedString[] value) {
        guardedStringValues = value;
    }

    @ConfigurationProperty(order = 45)
    public Script[] getScriptValues() {
        return scriptValues;
    }

    public void setScriptValues(Script[] value) {
        scriptValues = value;
    }
}
