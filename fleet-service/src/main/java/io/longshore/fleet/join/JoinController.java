package io.longshore.fleet.join;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.JoinRequest;
import org.springframework.web.bind.annotation.RestController;

@RestController
class JoinController implements JoinApi {
    private final Joining joining;

    JoinController(Joining joining) {
        this.joining = joining;
    }

    @Override
    public JoinAnswer join(Caller caller, JoinRequest request) {
        return joining.join(request);
    }
}
