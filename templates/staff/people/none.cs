<?cs include:"macros.cs" ?><?cs set:Title = "没有登记过的人员" ?><?cs def:content() ?><p class="back"><a href="/staff/people/">返回身份信息采集</a></p>
<div class="box"><h1>没有登记过的人员</h1>
<p class="lead"><?cs var:IdType ?> <b class="id"><?cs var:Field.id_no ?></b> 没有登记过。请再次核对证件类型和号码。</p>
<?cs if:May.Capture ?><form method="post" action="/staff/people/new"><?cs call:form_csrf() ?><input type="hidden" name="id_type" value="<?cs var:Field.id_type ?>"><input type="hidden" name="id_no" value="<?cs var:Field.id_no ?>"><div class="actions"><button class="button">新建人员</button><a href="/staff/people/">重新查找</a></div></form>
<?cs else ?><p>新建人员由受理窗口办理。</p><p><a href="/staff/people/">重新查找</a></p>
<?cs /if ?></div>
<?cs /def ?><?cs include:"layout.cs" ?>
