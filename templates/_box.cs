<?cs # The person's box. The page defines Title, intro(), and more() for what it asks besides. ?><?cs
def:content() ?><p class="back"><a href="/<?cs var:Module.Name ?>/">返回<?cs var:Module.Label ?></a></p>
<div class="box"><?cs call:error_summary() ?><h1><?cs var:Title ?></h1>
<p class="lead"><?cs call:intro() ?></p>
<form method="post" action="/<?cs var:Module.Name ?>/" class="stack"><?cs call:form_hidden() ?><label for="f-id_type">证件类型<?cs call:wrong("id_type") ?></label><select id="f-id_type" name="id_type"><?cs each:type = IdTypes ?><option value="<?cs var:type.Code ?>"<?cs if:type.Code == Field.id_type ?> selected<?cs /if ?>><?cs var:type.Label ?><?cs /each ?></select>
<label for="f-id_no">证件号码<?cs call:wrong("id_no") ?></label><input id="f-id_no" name="id_no" value="<?cs var:Field.id_no ?>" maxlength="40" autocomplete="off" spellcheck="false" autocapitalize="characters">
<label for="f-name">姓名<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" autocomplete="off">
<?cs call:more() ?><div class="actions"><button class="button">查询</button><a href="/<?cs var:Module.Name ?>/" data-close>返回</a></div></form></div>
<?cs /def ?>