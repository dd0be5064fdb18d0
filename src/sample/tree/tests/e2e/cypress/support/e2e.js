require('./commands');

beforeEach(() => {
  cy.intercept('POST', '**/api/v1/metrics/frontend', { statusCode: 204 });
});
