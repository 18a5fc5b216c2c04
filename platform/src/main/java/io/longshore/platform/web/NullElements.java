package io.longshore.platform.web;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;

/**
 * What null means as an element of a list or a value of a map: the zero value, as to Go's decoder, where that is a text, a number, a flag
 * or a map. In a list of objects it is refused, since an object without any field is one that no list of the Engine API takes. A map
 * whose values are objects or lists keeps it: there the contract says what it means.
 */
final class NullElements extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated member) {
        JsonSetter.Value declared = super.findSetterInfo(config, member);
        Nulls meaning = meaning(member.getType());
        return meaning == null || declared.getContentNulls() != Nulls.DEFAULT
                ? declared
                : declared.withContentNulls(meaning);
    }

    private static @Nullable Nulls meaning(@Nullable JavaType type) {
        if (type == null || type.getContentType() == null) {
            return null;
        }
        JavaType element = type.getContentType();
        if (element.isJavaLangObject()) {
            return null;
        }
        if (element.hasRawClass(String.class)
                || element.isTypeOrSubTypeOf(Number.class)
                || element.hasRawClass(Boolean.class)
                || element.isMapLikeType()) {
            return Nulls.AS_EMPTY;
        }
        return type.isMapLikeType() ? null : Nulls.FAIL;
    }
}
