package io.longshore.acceptance.clients;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The tests that another JVM ran, as tests of this one: each ends as it ended there. */
final class JUnitReport {
    private JUnitReport() {}

    /** Reads what the JUnit Platform's console launcher wrote; the failures of tests end with what its JVM said. */
    static Stream<DynamicTest> read(Path directory, Client.Outcome outcome) throws IOException {
        Path file = directory.resolve("TEST-junit-jupiter.xml");
        if (!Files.exists(file)) {
            return Stream.of(dynamicTest("a report", () -> fail("there is none; " + outcome)));
        }
        try {
            NodeList cases = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getElementsByTagName("testcase");
            return IntStream.range(0, cases.getLength()).mapToObj(i -> test((Element) cases.item(i)));
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("cannot read " + file, e);
        }
    }

    private static DynamicTest test(Element testcase) {
        String owner = testcase.getAttribute("classname");
        String name = owner.substring(owner.lastIndexOf('.') + 1) + "." + testcase.getAttribute("name");
        return dynamicTest(name, () -> {
            for (String kind : new String[] {"failure", "error"}) {
                Element wrong = (Element) testcase.getElementsByTagName(kind).item(0);
                if (wrong != null) {
                    fail("in the other JVM: " + wrong.getTextContent() + said(testcase));
                }
            }
            if (testcase.getElementsByTagName("skipped").getLength() > 0) {
                Assumptions.abort(testcase.getTextContent());
            }
        });
    }

    private static String said(Element testcase) {
        Element out = (Element) testcase.getElementsByTagName("system-out").item(0);
        return out == null ? "" : "\n" + out.getTextContent();
    }
}
