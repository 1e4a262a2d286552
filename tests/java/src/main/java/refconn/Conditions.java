package refconn;

import org.identityconnectors.framework.common.objects.filter.AndFilter;
import org.identityconnectors.framework.common.objects.filter.AttributeFilter;
import org.identityconnectors.framework.common.objects.filter.ExtendedMatchFilter;
import org.identityconnectors.framework.common.objects.filter.Filter;
import org.identityconnectors.framework.common.objects.filter.NotFilter;
import org.identityconnectors.framework.common.objects.filter.OrFilter;
import org.identityconnectors.framework.common.objects.filter.PresenceFilter;

/** The descriptions of filters. Conjunctions of more than two are described as pairs, from the left. */
final class Conditions {

    private Conditions() {
    }

    static String describe(Filter filter) {
        if (filter == null) {
            return "null";
        } else if (filter instanceof AndFilter both) {
            return pairs("and", both.getFilters());
        } else if (filter instanceof OrFilter either) {
            return pairs("or", either.getFilters());
        } else if (filter instanceof NotFilter not) {
            return "not(" + describe(not.getFilter()) + ")";
        } else if (filter instanceof PresenceFilter present) {
            return "presence(" + present.getName() + ")";
        } else if (filter instanceof ExtendedMatchFilter extended) {
            return "extended(" + extended.getOperator() + ", " + Describe.attribute(extended.getAttribute()) + ")";
        }
        String kind = filter.getClass().getSimpleName().replace("Filter", "");
        String name = Character.toLowerCase(kind.charAt(0)) + kind.substring(1);
        return name + "(" + Describe.attribute(((AttributeFilter) filter).getAttribute()) + ")";
    }

    private static String pairs(String kind, Iterable<Filter> filters) {
        String described = null;
        for (Filter filter : filters) {
            described = described == null ? describe(filter) : kind + "(" + described + ", " + describe(filter) + ")";
        }
        return described;
    }
}
