// Shows the chosen service's OpenAPI document. No validator: it would send the document's address to another host.
const place = document.getElementById('swagger-ui')

window.SwaggerUIBundle({ url: place.dataset.spec, dom_id: '#swagger-ui', validatorUrl: null, deepLinking: true })
