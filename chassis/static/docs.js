// Shows the chosen service's OpenAPI document. No validator: it would send the document's address to another host.
const place = document.getElementById('swagger-ui')

// Swagger UI draws a page of its own, with its own main landmark and first heading; here it is a part of our page.
// Its main stands among the children of this one component.
const partOfAPage = ({ React }) => ({
  wrapComponents: {
    VersionPragmaFilter: (Original) => (given) =>
      React.createElement(
        Original,
        given,
        React.Children.map(given.children, (child) =>
          child && child.type === 'main' ? React.createElement('div', child.props) : child
        )
      ),
  },
})

new MutationObserver(() => {
  place.querySelectorAll('h1').forEach((heading) => heading.setAttribute('aria-level', '2'))
}).observe(place, { childList: true, subtree: true })

window.SwaggerUIBundle({ url: place.dataset.spec, dom_id: '#swagger-ui', validatorUrl: null, plugins: [partOfAPage] })
