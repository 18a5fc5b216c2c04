package io.longshore.platform.web;

import io.longshore.contracts.error.Failure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.coyote.CloseNowException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;

/** Turns whatever a controller throws into an answer. What is no {@link Failure} is a defect: logged whole, told in one sentence. */
@RestControllerAdvice
final class FailureAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(FailureAdvice.class);

    @ExceptionHandler
    void anything(Exception problem, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (problem instanceof CloseNowException cut) {
            throw cut; // Tomcat's own word for it: the connection is closed, and there is nothing to tell.
        }
        if (response.isCommitted()) {
            LOG.warn(
                    "{} {} failed after its answer began: {}",
                    request.getMethod(),
                    request.getRequestURI(),
                    problem.toString());
            throw new IOException("cut: the answer cannot be finished", problem);
        }
        FailureAnswer.write(failureOf(problem, request), request, response);
    }

    private static Failure failureOf(Exception problem, HttpServletRequest request) {
        Failure foreseen = Failures.foreseen(problem);
        if (foreseen != null) {
            return foreseen;
        }
        return switch (problem) {
            case InvalidParameterException e -> new Failure.Invalid("invalid query: " + e.getMessage(), e);
            case HttpMessageNotReadableException e -> unreadable(e);
            case MissingServletRequestParameterException e ->
                new Failure.Invalid("missing parameter: " + e.getParameterName(), e);
            case MethodArgumentTypeMismatchException e ->
                new Failure.Invalid("invalid value \"" + e.getValue() + "\" for parameter " + e.getName(), e);
            case ServletRequestBindingException e -> new Failure.Invalid(String.valueOf(e.getMessage()), e);
            case HttpMediaTypeNotSupportedException e ->
                new Failure.Invalid(
                        "unsupported Content-Type header (" + e.getContentType() + "): must be 'application/json'", e);
            case HttpMediaTypeNotAcceptableException e ->
                new Failure.Invalid("the answer cannot be given as " + request.getHeader("Accept"), e);
            case NoResourceFoundException e -> new Failure.NotFound(HttpStatuses.NO_SUCH_PAGE, e);
            case NoHandlerFoundException e -> new Failure.NotFound(HttpStatuses.NO_SUCH_PAGE, e);
            case HttpRequestMethodNotSupportedException e -> new Failure.NotFound(HttpStatuses.NO_SUCH_PAGE, e);
            default -> Failures.of(problem);
        };
    }

    private static Failure unreadable(HttpMessageNotReadableException e) {
        JacksonException json = Failures.find(e, JacksonException.class);
        if (json != null) {
            return new Failure.Invalid("invalid JSON: " + Json.problem(json), e);
        }
        if (e.getCause() instanceof IOException cut) {
            return new Failure.Invalid("the request body ended early: " + cut.getMessage(), e);
        }
        return new Failure.Invalid("invalid JSON: the request body is missing", e);
    }
}
