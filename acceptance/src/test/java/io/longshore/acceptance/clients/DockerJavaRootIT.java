package io.longshore.acceptance.clients;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** docker-java with its transport on Apache's HTTP client; Testcontainers has it with another. */
class DockerJavaRootIT extends SdkCases {
    @Test
    void aSession() throws IOException, InterruptedException {
        DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost("unix://" + engine.socket())
                .withDockerConfig(home.toString())
                .build();
        DockerHttpClient http = new ApacheDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .connectionTimeout(Duration.ofSeconds(10))
                .responseTimeout(Duration.ofSeconds(60))
                .build();
        Lines lines = new Lines();
        try (DockerClient client = DockerClientImpl.getInstance(config, http)) {
            new ContainerSession(client, lines).run();
            new ImageSession(client, lines, registry.host()).run();
            new NetworkSession(client, lines).run();
        }
        same(lines.toString(), "session.java.txt");
    }
}
