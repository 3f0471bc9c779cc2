import { namePattern } from "./name.ts"

/** The JSON Schema (draft 7) of a topology file; fills in the defaults too. */
export const schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Playground topology",
  type: "object",
  additionalProperties: false,
  required: ["nodes"],
  properties: {
    name: {
      $ref: "#/definitions/name",
      default: "default",
    },
    underlay: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        ipv4: {
          type: "string",
          default: "10.200.0.0/24",
        },
        ipv6: {
          type: "string",
          default: "fd00:200::/64",
        },
        mtu: {
          type: "integer",
          minimum: 1280,
          maximum: 65535,
          default: 1500,
        },
      },
    },
    selection: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        locality: {
          type: "array",
          default: [],
          items: {
            type: "string",
            minLength: 1,
          },
        },
        race: {
          type: "boolean",
          default: false,
        },
      },
    },
    nodes: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name"],
        properties: {
          name: {
            $ref: "#/definitions/name",
          },
        },
      },
    },
    services: {
      type: "array",
      default: [],
      items: {
        $ref: "#/definitions/service",
      },
    },
    endpoints: {
      type: "array",
      default: [],
      items: {
        $ref: "#/definitions/endpoint",
      },
    },
    passthroughs: {
      type: "array",
      default: [],
      items: {
        $ref: "#/definitions/passthrough",
      },
    },
    clients: {
      type: "array",
      default: [],
      items: {
        $ref: "#/definitions/client",
      },
    },
  },
  definitions: {
    name: {
      type: "string",
      pattern: namePattern,
    },
    labels: {
      type: "object",
      additionalProperties: {
        type: "string",
      },
    },
    payload: {
      enum: ["ETHERNET", "IP"],
    },
    service: {
      type: "object",
      additionalProperties: false,
      required: ["name", "matches"],
      properties: {
        name: {
          type: "string",
          minLength: 1,
        },
        payload: {
          $ref: "#/definitions/payload",
          default: "ETHERNET",
        },
        matches: {
          type: "array",
          items: {
            $ref: "#/definitions/match",
          },
        },
      },
    },
    match: {
      type: "object",
      additionalProperties: false,
      required: ["routes"],
      properties: {
        source_selector: {
          $ref: "#/definitions/labels",
          default: {},
        },
        routes: {
          type: "array",
          items: {
            type: "object",
            additionalProperties: false,
            required: ["destination_selector"],
            properties: {
              destination_selector: {
                $ref: "#/definitions/labels",
              },
              weight: {
                type: "integer",
                minimum: 1,
                maximum: 1_000_000,
              },
            },
          },
        },
        fallthrough: {
          type: "boolean",
          default: false,
        },
      },
    },
    serviceNames: {
      type: "array",
      minItems: 1,
      items: {
        type: "string",
        minLength: 1,
      },
    },
    endpoint: {
      type: "object",
      additionalProperties: false,
      required: ["name", "node", "services"],
      properties: {
        name: {
          $ref: "#/definitions/name",
        },
        node: {
          type: "string",
        },
        services: {
          $ref: "#/definitions/serviceNames",
        },
        cidrs: {
          type: "array",
          minItems: 1,
          items: {
            type: "string",
          },
          default: ["172.16.0.0/24", "fd00:172:16::/64"],
        },
        labels: {
          $ref: "#/definitions/labels",
          default: {},
        },
        payload: {
          $ref: "#/definitions/payload",
          default: "ETHERNET",
        },
        program: {
          type: "string",
          minLength: 1,
        },
        on_demand: {
          type: "string",
        },
      },
    },
    passthrough: {
      type: "object",
      additionalProperties: false,
      required: ["name", "node", "services", "labels"],
      properties: {
        name: {
          $ref: "#/definitions/name",
        },
        node: {
          type: "string",
        },
        services: {
          $ref: "#/definitions/serviceNames",
        },
        labels: {
          $ref: "#/definitions/labels",
        },
      },
    },
    client: {
      type: "object",
      additionalProperties: false,
      required: ["name", "node", "services"],
      properties: {
        name: {
          $ref: "#/definitions/name",
        },
        node: {
          type: "string",
        },
        services: {
          $ref: "#/definitions/serviceNames",
        },
      },
    },
  },
} as const
