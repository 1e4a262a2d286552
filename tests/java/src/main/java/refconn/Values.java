package refconn;

import java.beans.BeanInfo;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.util.HashMap;
import java.util.Map;

/** The properties of a configuration and what they hold. */
final class Values {

    private Values() {
    }

    /** The description of each property's value, by its name. */
    static Map<String, String> of(ReferenceConfiguration configuration) {
        Map<String, String> values = new HashMap<>();
        try {
            BeanInfo info = Introspector.getBeanInfo(ReferenceConfiguration.class);
            for (PropertyDescriptor property : info.getPropertyDescriptors()) {
                if (property.getReadMethod() != null && property.getWriteMethod() != null
                        && !property.getName().equals("connectorMessages")) {
                    Object value = property.getReadMethod().invoke(configuration);
                    values.put(property.getName(), Describe.value(value));
                }
            }
        } catch (IntrospectionException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        return values;
    }
}
