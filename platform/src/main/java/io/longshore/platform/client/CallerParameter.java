package io.longshore.platform.client;

import io.longshore.contracts.Caller;
import io.longshore.platform.web.CallerHeaders;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.service.invoker.HttpRequestValues;
import org.springframework.web.service.invoker.HttpServiceArgumentResolver;

/** Sends a contract method's {@link Caller} as headers, and keeps it for the deadline. */
final class CallerParameter implements HttpServiceArgumentResolver {
    static final String ATTRIBUTE = Caller.class.getName();

    @Override
    public boolean resolve(@Nullable Object argument, MethodParameter parameter, HttpRequestValues.Builder request) {
        if (!(argument instanceof Caller caller)) {
            return false;
        }
        CallerHeaders.write(caller, request::addHeader);
        request.addAttribute(ATTRIBUTE, caller);
        return true;
    }
}
