package io.longshore.oci.registry;

import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;

/** GET /v2/ (OCI distribution spec, end-1): whether a registry is there, and takes what it is shown. */
record Ping() implements Exchange<Boolean> {
    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String target() {
        return "/v2/";
    }

    @Override
    public Boolean answer(Answer answer) {
        return true;
    }
}
