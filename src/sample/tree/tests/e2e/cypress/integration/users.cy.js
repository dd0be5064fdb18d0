describe('users', () => {
  it('lists and searches', () => {
    cy.intercept('GET', '**/api/v1/users?*', { fixture: 'users.json' }).as('users');
    cy.signIn();
    cy.contains('a', 'Users').click();
    cy.wait('@users');
    cy.get('tbody tr').should('have.length', 2);
    cy.get('input[type=search]').type('noor');
    cy.wait('@users').its('request.url').should('contain', 'search=noor');
  });

  it('stays closed for members', () => {
    cy.signIn(['member']);
    cy.contains('a', 'Users').should('not.exist');
  });
});
